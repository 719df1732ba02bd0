use super::*;

#[test]
fn the_bundle_is_mainnets_list_of_actors() {
    let bundle = ours().unwrap();
    assert!(bundle.has_mainnet_order());
    assert_eq!(bundle.to_car(), BUNDLE);
}

/// Memory is paid for at every call: 26,214 gas a page.
#[test]
fn actors_start_with_at_most_two_pages() {
    for actor in ours().unwrap().actors() {
        let pages = actor.inspect().unwrap().memory_pages;
        assert!(pages <= 2, "{} starts with {pages} pages", actor.name());
    }
}

#[test]
fn sizes_are_bounded() {
    let bundle = ours().unwrap();
    let size = |name| bundle.actor(name).unwrap().code().len();
    assert!(size("evm") <= 600_000, "evm has {} bytes", size("evm"));
    assert!(
        size("placeholder") <= 200,
        "placeholder has {} bytes",
        size("placeholder")
    );
    for name in ["system", "init", "account", "eam", "ethaccount", "cron"] {
        assert!(size(name) <= 100_000, "{name} has {} bytes", size(name));
    }
}

#[test]
fn actors_ask_the_machine_for_what_they_need_and_no_more() {
    let bundle = ours().unwrap();
    let imports = |name| bundle.actor(name).unwrap().inspect().unwrap().imports;
    assert!(imports("placeholder").is_empty());
    assert!(imports("init").contains(&"actor::create_actor".to_owned()));
    for actor in bundle.actors() {
        let creates = imports(actor.name())
            .iter()
            .any(|name| name == "actor::create_actor");
        assert_eq!(creates, actor.name() == "init");
    }
}

/// The syscalls that only a tracing kernel has.
#[test]
fn only_the_tracing_actor_reports_steps() {
    let reports = |imports: &[String]| imports.iter().any(|name| name.starts_with("fevm::"));
    for actor in ours().unwrap().actors() {
        let imports = actor.inspect().unwrap().imports;
        assert!(!reports(&imports), "{} reports steps", actor.name());
    }
    // There is none beside a bundle from elsewhere.
    if !EVM_TRACING.is_empty() {
        assert!(reports(&ModuleInfo::read(EVM_TRACING).unwrap().imports));
    }
}

#[test]
fn sources_of_bundles() {
    let source = |text: &str| text.parse::<Source>();
    assert_eq!(source("ours").unwrap(), Source::Ours);
    assert_eq!(source("a/b.car").unwrap(), Source::File("a/b.car".into()));
    assert_eq!(
        source("ours+b.car").unwrap(),
        Source::Composed("b.car".into())
    );
    for text in ["ours", "a/b.car", "ours+b.car"] {
        assert_eq!(source(text).unwrap().to_string(), text);
    }
    for wrong in ["", "ours+"] {
        assert!(
            source(wrong)
                .unwrap_err()
                .to_string()
                .contains("names no file")
        );
    }
    let missing = source("ours+/no/such.car").unwrap().load();
    assert!(missing.unwrap_err().to_string().contains("/no/such.car"));
    assert_eq!(Source::default().load().unwrap(), ours().unwrap());
}
