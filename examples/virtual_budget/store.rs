//! The journal in a database: one sealed line a row.

use std::{error::Error, time::Duration};

use rusqlite::{Connection, params};
use sortie::{
    money::Currency,
    virtual_budget::{Entry, JournalWriter, Ledger, recover},
};

/// A database with one table of journal lines.
pub(crate) struct Store {
    connection: Connection,
}

impl Store {
    /// Opens or makes the database; in memory without a path.
    pub(crate) fn open(path: Option<&str>) -> Result<Self, Box<dyn Error>> {
        let connection = match path {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        // A killed predecessor may still be going down and hold its lock for a moment.
        connection.busy_timeout(Duration::from_secs(10))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // A commit that has returned is on the disk.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS journal (
                 number INTEGER PRIMARY KEY,
                 entry TEXT UNIQUE,
                 line BLOB NOT NULL
             ) STRICT",
        )?;
        Ok(Self { connection })
    }

    /// The ledger of all lines, and the writer to go on with.
    pub(crate) fn load(
        &mut self,
        currency: Currency,
    ) -> Result<(Ledger, JournalWriter), Box<dyn Error>> {
        let mut bytes = Vec::new();
        {
            let mut select = self
                .connection
                .prepare("SELECT line FROM journal ORDER BY number")?;
            let mut rows = select.query([])?;
            while let Some(row) = rows.next()? {
                bytes.extend_from_slice(&row.get::<_, Vec<u8>>(0)?);
            }
        }
        let recovered = recover(&bytes, currency)?;
        if recovered.torn_bytes > 0 {
            // Transactions keep rows whole, so this would be damage and not a cut.
            return Err("the last line of the journal is torn".into());
        }
        let writer = match recovered.writer {
            Some(writer) => writer,
            None => self.start(currency)?,
        };
        Ok((recovered.ledger, writer))
    }

    fn start(&mut self, currency: Currency) -> Result<JournalWriter, Box<dyn Error>> {
        let mut header = Vec::new();
        let writer = JournalWriter::start(currency, &mut header);
        let insert = "INSERT INTO journal (entry, line) VALUES (NULL, ?1)";
        self.connection.execute(insert, params![header])?;
        Ok(writer)
    }

    /// Appends entries: all of them or none.
    pub(crate) fn append(
        &mut self,
        writer: &mut JournalWriter,
        entries: &[Entry],
    ) -> Result<(), Box<dyn Error>> {
        let transaction = self.connection.transaction()?;
        {
            let mut insert =
                transaction.prepare("INSERT INTO journal (entry, line) VALUES (?1, ?2)")?;
            for entry in entries {
                let mut line = Vec::new();
                writer.append(entry, &mut line);
                insert.execute(params![entry.id.as_str(), line])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }
}
