//! The rows of the table.

mod accounts;
mod environment;
mod gas;
mod instructions;
mod transactions;

use super::Divergence;

const ROWS: usize = gas::ROWS.len()
    + environment::ROWS.len()
    + instructions::ROWS.len()
    + accounts::ROWS.len()
    + transactions::ROWS.len();

/// All deliberate differences.
pub static TABLE: [Divergence; ROWS] = {
    let parts = [
        gas::ROWS,
        environment::ROWS,
        instructions::ROWS,
        accounts::ROWS,
        transactions::ROWS,
    ];
    let mut table = [gas::ROWS[0]; ROWS];
    let (mut part, mut at) = (0, 0);
    while part < parts.len() {
        let mut row = 0;
        while row < parts[part].len() {
            table[at] = parts[part][row];
            at += 1;
            row += 1;
        }
        part += 1;
    }
    table
};
