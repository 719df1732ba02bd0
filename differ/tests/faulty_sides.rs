//! Traces that are none, and sides that are not there: errors that name the side and the line.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use fevm_differ::compare::Verdict;
use fevm_differ::run::Job;
use fevm_differ::side::node::NodeTransaction;
use fevm_differ::subject::{Code, DEFAULT_FORK, Subject};

const GOOD: &str = "{\"pc\":0,\"op\":96,\"gas\":\"0x10\",\"gasCost\":\"0x3\",\"depth\":1,\"stack\":[]}\n\
    {\"pc\":2,\"op\":80,\"gas\":\"0xd\",\"gasCost\":\"0x2\",\"depth\":1,\"stack\":[\"0x7\"]}\n";

fn job(left: &str, right: &str) -> Job {
    Job {
        left: left.parse().unwrap(),
        right: right.parse().unwrap(),
        subject: None,
        transaction: None,
        comparator: None,
        context: 3,
    }
}

/// The error of a good trace on the left and this one on the right.
fn error_of(right: &[u8]) -> String {
    let folder = tempfolder();
    let (one, two) = (folder.join("one"), folder.join("two"));
    std::fs::write(&one, GOOD).unwrap();
    std::fs::write(&two, right).unwrap();
    let result = job(one.to_str().unwrap(), two.to_str().unwrap()).run();
    std::fs::remove_dir_all(&folder).unwrap();
    result.map_or_else(
        |error| error.to_string(),
        |answer| format!("{}: {:?}", answer.verdict, answer.notes),
    )
}

fn tempfolder() -> std::path::PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "fevm-bad-input-{}-{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let path = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

#[test]
fn faulty_traces_are_named_with_side_and_line() {
    let cases: [(&[u8], &[&str]); 9] = [
        (b"", &["right side", "empty"]),
        (b"\x7fELF\x00\x01\xff\xfe", &["right side", "line 1", "binary"]),
        (b"once upon a time\n", &["right side", "line 1", "once upon"]),
        (&GOOD.as_bytes()[..120], &["right side", "line 2", "cut off"]),
        (b"{\"pc\":0,\"op\":96,\"depth\":1}\n{\"pc\":\"x\",\"op\":80,\"depth\":1}\n", &["right side", "line 2", "\"pc\""]),
        (b"{\"pc\":0,\"op\":96,\"depth\":1,\"stack\":[\"0xzz\"]}\n", &["right side", "line 1", "0xzz"]),
        (b"{\"pc\":0,\"op\":\"NOPE\",\"depth\":1}\n", &["right side", "line 1", "NOPE"]),
        (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32000,\"message\":\"transaction not found\"}}", &["right side", "transaction not found"]),
        (b"{\"gas\":1,\"failed\":false,\"structLogs\":[{\"pc\":0,\"op\":\"PUSH1\",\"gas\":16,\"gasCost\":3,\"depth\":1,\"stack\":[]},", &["right side", "cut off"]),
    ];
    for (trace, words) in cases {
        let error = error_of(trace);
        for word in words {
            assert!(
                error.contains(word),
                "{:?}: {error}",
                String::from_utf8_lossy(trace)
            );
        }
    }
}

#[test]
fn other_transactions_and_short_traces_are_hinted_at() {
    let other = error_of(
        b"{\"pc\":0,\"op\":95,\"gas\":\"0x10\",\"gasCost\":\"0x2\",\"depth\":1,\"stack\":[]}\n",
    );
    assert!(
        other.contains("unexplained") && other.contains("different transactions"),
        "{other}"
    );
    let short = error_of(GOOD.lines().next().unwrap().as_bytes());
    assert!(
        short.contains("right side has ended") && short.contains("cut off"),
        "{short}"
    );
}

#[test]
fn struct_logs_and_lines_are_one() {
    let logs = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"gas\":5,\"failed\":false,\"returnValue\":\"\",\"structLogs\":[\
        {\"pc\":0,\"op\":\"PUSH1\",\"gas\":16,\"gasCost\":3,\"depth\":1,\"stack\":[]},\
        {\"pc\":2,\"op\":\"POP\",\"gas\":13,\"gasCost\":2,\"depth\":1,\"stack\":[\"0x7\"],\"memory\":[],\"storage\":{}}]}}";
    assert_eq!(error_of(logs), "equal: []");
}

fn subject() -> Subject {
    Subject::from_code(&Code {
        code: vec![0x5f, 0x50],
        gas: 1_000_000,
        value: "0x0".into(),
        fork: DEFAULT_FORK.into(),
        ..Code::default()
    })
}

#[test]
fn programs_and_files_that_are_not_there() {
    let with = |left: &str, right: &str| {
        let job = Job {
            subject: Some(subject()),
            ..job(left, right)
        };
        job.run().unwrap_err().to_string()
    };
    let error = with("native", "geth:/no/such/evm");
    assert!(
        error.contains("right side (geth:/no/such/evm)") && error.contains("scripts/get-geth"),
        "{error}"
    );
    let error = with("/no/such.jsonl", "native");
    assert!(
        error.contains("left side (/no/such.jsonl)") && error.contains("No such file"),
        "{error}"
    );
    let error = with("native", "fvm:/no/such.car");
    assert!(
        error.contains("right side") && error.contains("/no/such.car"),
        "{error}"
    );
    let error = with("native", "rpc:http://127.0.0.1:9");
    assert!(error.contains("--tx"), "{error}");
    let error = job("native", "fvm").run().unwrap_err().to_string();
    assert!(
        error.contains("left side (native)") && error.contains("--code"),
        "{error}"
    );
}

/// A server that answers with this and closes.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    url
}

fn node_error(url: &str) -> String {
    let transaction = NodeTransaction {
        url: url.into(),
        hash: "0x00".into(),
        patience: Duration::from_secs(1),
    };
    let folder = tempfolder();
    let good = folder.join("good");
    std::fs::write(&good, GOOD).unwrap();
    let right = Job {
        transaction: Some(transaction),
        ..job(good.to_str().unwrap(), "rpc")
    };
    let result = right.run();
    std::fs::remove_dir_all(&folder).unwrap();
    match result {
        Ok(answer) if answer.verdict == Verdict::Equal => "equal".into(),
        Ok(answer) => format!("{:?}", answer.notes),
        Err(error) => error.to_string(),
    }
}

#[test]
fn nodes_that_fail() {
    let refused = node_error("http://127.0.0.1:9");
    assert!(
        refused.contains("right side (rpc)") && refused.contains("refused"),
        "{refused}"
    );
    let error = node_error(&server(
        "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
    ));
    assert!(error.contains("500"), "{error}");
    let error = node_error(&server("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello"));
    assert!(
        error.contains("right side") && error.contains("hello"),
        "{error}"
    );
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"structLogs\":[{\"pc\":0,";
    let error = node_error(&server(cut));
    assert!(
        error.contains("right side (rpc)") && error.contains("end of file"),
        "{error}"
    );
}

/// A server that says this much and then nothing for good.
fn silent_server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept() {
            let _ = stream.write_all(answer.as_bytes());
            open.push(stream);
        }
    });
    url
}

#[test]
fn nodes_that_fall_silent_are_given_up() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n";
    let begun = "HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"structLogs\":[\
        {\"pc\":0,\"op\":\"PUSH1\",\"gas\":16,\"gasCost\":3,\"depth\":1,\"stack\":[]},";
    for said in ["", head, begun] {
        let url = silent_server(said);
        let error = node_error(&url);
        for word in ["right side (rpc)", url.as_str(), "no answer in 1 seconds"] {
            assert!(error.contains(word), "{said:?}: {error}");
        }
    }
    // Nor does a subject come of it.
    let url = silent_server("");
    let transaction = NodeTransaction {
        url: url.clone(),
        hash: "0x00".into(),
        patience: Duration::from_secs(1),
    };
    let error =
        fevm_differ::side::node::subject(&transaction, DEFAULT_FORK, 1_000_000).unwrap_err();
    assert!(error.to_string().contains(&url), "{error}");
    assert!(
        error.to_string().contains("no answer in 1 seconds"),
        "{error}"
    );
}

#[test]
fn reading_is_in_constant_memory() {
    // A trace that never ends: the comparison stops where the other one does.
    struct Endless(u64);
    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let line = format!(
                "{{\"pc\":{},\"op\":91,\"gas\":\"0x10\",\"gasCost\":\"0x1\",\"depth\":1,\"stack\":[]}}\n",
                self.0
            );
            self.0 += 1;
            let length = line.len().min(buffer.len());
            buffer[..length].copy_from_slice(&line.as_bytes()[..length]);
            Ok(length)
        }
    }
    let mut steps = fevm_differ::normal::Steps::new(fevm_differ::read::open(Endless(0)).unwrap());
    for pc in 0..100_000 {
        assert_eq!(steps.next_step().unwrap().unwrap().pc, pc);
    }
}
