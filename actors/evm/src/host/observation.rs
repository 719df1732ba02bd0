//! Who watches the frames: nobody, or (feature `trace`) a tracing kernel.

#[cfg(not(feature = "trace"))]
pub use evm_interpreter::inspector::NoInspector as Observer;
#[cfg(feature = "trace")]
pub use tracing::Observer;

#[cfg(feature = "trace")]
mod tracing {
    use crate::host::World;
    use evm_interpreter::inspector::Step;
    use evm_interpreter::{Bytecode, Halt, Inspector};
    use fevm_runtime::Runtime;

    /// Passes each step to the kernel, which reads stack and memory where they lie.
    #[derive(Clone, Copy, Debug, Default)]
    pub struct Observer;

    impl<R: Runtime> World<'_, '_, R> {
        /// A frame begins to run `code`.
        pub(crate) fn begin(&self, code: &Bytecode) {
            kernel::begin(code.code());
        }
    }

    impl Inspector for Observer {
        const ENABLED: bool = true;

        #[inline]
        fn step(&mut self, step: &Step<'_>) {
            kernel::step(step);
        }

        fn halted(&mut self, halt: Halt, _gas_left: u64, _refund: i64) {
            kernel::halt(halt as u32);
        }
    }

    #[cfg(target_arch = "wasm32")]
    mod kernel {
        use evm_interpreter::U256;
        use evm_interpreter::inspector::Step;

        /// The syscalls of the tracing kernel. Each answers 0: what could go wrong ends the
        /// invocation.
        #[link(wasm_import_module = "fevm")]
        unsafe extern "C" {
            #[link_name = "begin"]
            fn fevm_begin(code: *const u8, len: u32) -> u32;
            #[link_name = "step"]
            fn fevm_step(
                pc: u32,
                op: u32,
                stack: *const U256,
                items: u32,
                memory: *const u8,
                size: u32,
                returned: *const u8,
                returned_len: u32,
            ) -> u32;
            #[link_name = "halt"]
            fn fevm_halt(halt: u32) -> u32;
        }

        pub(super) fn begin(code: &[u8]) {
            // SAFETY: pointer and length are those of the slice.
            unsafe { fevm_begin(code.as_ptr(), code.len() as u32) };
        }

        #[inline]
        pub(super) fn step(step: &Step<'_>) {
            // SAFETY: pointers and lengths are those of the slices.
            unsafe {
                fevm_step(
                    step.pc as u32,
                    u32::from(step.op),
                    step.stack.as_ptr(),
                    step.stack.len() as u32,
                    step.memory.as_ptr(),
                    step.memory.len() as u32,
                    step.return_data.as_ptr(),
                    step.return_data.len() as u32,
                )
            };
        }

        pub(super) fn halt(halt: u32) {
            // SAFETY: no pointers.
            unsafe { fevm_halt(halt) };
        }
    }

    /// Natively there is no kernel.
    #[cfg(not(target_arch = "wasm32"))]
    mod kernel {
        use evm_interpreter::inspector::Step;

        pub(super) const fn begin(_code: &[u8]) {}
        pub(super) const fn step(_step: &Step<'_>) {}
        pub(super) const fn halt(_halt: u32) {}
    }
}
