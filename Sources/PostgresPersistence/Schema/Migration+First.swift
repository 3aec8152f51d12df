extension Migration {
    /// The tables of the first release. See the target's page for why they are as they are.
    static let first = Migration(
        version: 1, name: "documents, log, snapshots, ownership, access, comments, audit",
        statements: [
            """
            CREATE TABLE documents (
                id uuid PRIMARY KEY,
                title varchar(500) NOT NULL,
                owner_id text NOT NULL CHECK (octet_length(owner_id) BETWEEN 1 AND 400),
                created_at timestamptz NOT NULL DEFAULT now(),
                updated_at timestamptz NOT NULL DEFAULT now()
            )
            """,
            "CREATE INDEX documents_by_change ON documents (updated_at DESC, id DESC)",
            """
            CREATE TABLE document_ownership (
                document_id uuid PRIMARY KEY REFERENCES documents (id) ON DELETE CASCADE,
                epoch bigint NOT NULL DEFAULT 0 CHECK (epoch >= 0),
                head bigint NOT NULL DEFAULT 0 CHECK (head >= 0),
                node text,
                incarnation bigint,
                peer_host text,
                peer_port integer,
                taken_at timestamptz
            ) WITH (fillfactor = 50)
            """,
            """
            CREATE TABLE operations (
                document_id uuid NOT NULL,
                version bigint NOT NULL CHECK (version > 0),
                epoch bigint NOT NULL,
                digest bigint NOT NULL,
                created_at timestamptz NOT NULL DEFAULT now(),
                client_id uuid NOT NULL,
                client_operation_id text NOT NULL,
                user_id text NOT NULL,
                operation jsonb NOT NULL,
                PRIMARY KEY (document_id, version),
                CONSTRAINT operations_once UNIQUE (document_id, client_id, client_operation_id) INCLUDE (version)
            )
            """,
            """
            COMMENT ON COLUMN operations.digest IS
                'digest of the document at this version; lpad(to_hex(digest), 16, ''0'') is what clients see'
            """,
            """
            CREATE TABLE document_snapshots (
                document_id uuid NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
                version bigint NOT NULL CHECK (version >= 0),
                content text NOT NULL,
                digest bigint NOT NULL,
                created_at timestamptz NOT NULL DEFAULT now(),
                set_aside_at timestamptz,
                set_aside_reason text,
                PRIMARY KEY (document_id, version)
            )
            """,
            """
            CREATE TABLE document_access (
                document_id uuid NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
                user_id text NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 400),
                permission varchar(20) NOT NULL CHECK (permission IN ('view', 'edit', 'admin')),
                created_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (document_id, user_id)
            )
            """,
            "CREATE INDEX document_access_by_user ON document_access (user_id)",
            """
            CREATE TABLE document_comments (
                id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
                document_id uuid NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
                user_id text NOT NULL CHECK (octet_length(user_id) BETWEEN 1 AND 400),
                version bigint NOT NULL,
                range_start integer,
                range_end integer,
                content text NOT NULL,
                resolved boolean NOT NULL DEFAULT false,
                created_at timestamptz NOT NULL DEFAULT now()
            )
            """,
            "CREATE INDEX document_comments_by_document ON document_comments (document_id)",
            """
            CREATE TABLE audit_log (
                id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
                event_type varchar(50) NOT NULL,
                user_id text,
                document_id uuid,
                action varchar(50) NOT NULL,
                details jsonb,
                ip_address inet,
                user_agent text,
                created_at timestamptz NOT NULL DEFAULT now()
            )
            """,
            "CREATE INDEX audit_log_by_user ON audit_log (user_id, created_at)",
            "CREATE INDEX audit_log_by_document ON audit_log (document_id, created_at)",
            "CREATE INDEX audit_log_by_type ON audit_log (event_type, created_at)",
        ])
}
