extension Migration {
    /// How far the change feed has come in each document; a document without a row has not been published at all.
    static let changeFeed = Migration(
        version: 2, name: "positions of the change feed",
        statements: [
            """
            CREATE TABLE change_positions (
                document_id uuid PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
                published bigint NOT NULL CHECK (published > 0)
            ) WITH (fillfactor = 50)
            """
        ])
}
