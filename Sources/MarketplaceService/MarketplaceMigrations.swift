import Events
import Persistence
import Projections
import WebAPI

enum MarketplaceMigrations {
    static let all = [
        Outbox.migration, Inbox.migration, IdempotencyKey.migration, MediaProjection.migration, UserProjection.migration,
        Migration("0002-adds", sql: adds), AddSearch.index.migration("0003-adds-search"), Migration("0004-orders", orders),
        Migration("0005-buyers", buyers), CategorySeed.migration,
        IdempotencyKey.fieldsMigration, ProfileProjection.migration, AddSearch.index.rankMigration("0007-adds-search-rank"),
        Migration("0008-places", places),
        Migration("0009-refund-due", "ALTER TABLE orders ADD COLUMN refund_due BIGINT NOT NULL DEFAULT 0;"),
    ]

    private static func adds(_ dialect: SQLDialect) -> String {
        let real = dialect == .postgresql ? "DOUBLE PRECISION" : "REAL"
        return """
            CREATE TABLE categories (
                slug TEXT PRIMARY KEY, parent TEXT REFERENCES categories (slug), name_en TEXT NOT NULL, name_es TEXT NOT NULL,
                position BIGINT NOT NULL);
            CREATE TABLE adds (
                id TEXT PRIMARY KEY, seller TEXT NOT NULL, title TEXT NOT NULL, description TEXT NOT NULL,
                category TEXT NOT NULL REFERENCES categories (slug), condition TEXT NOT NULL, currency TEXT NOT NULL,
                -- Of the cheapest variant, in minor units; of all variants, in thousandths: what lists filter and order by.
                price BIGINT NOT NULL, stock BIGINT NOT NULL,
                latitude \(real), longitude \(real), place TEXT NOT NULL, region TEXT NOT NULL, country TEXT NOT NULL,
                -- Media items that are shown.
                photos BIGINT NOT NULL,
                state TEXT NOT NULL, published BIGINT, expires BIGINT, created BIGINT NOT NULL, updated BIGINT NOT NULL,
                version BIGINT NOT NULL);
            CREATE INDEX adds_seller ON adds (seller, created);
            CREATE INDEX adds_published ON adds (state, published);
            CREATE INDEX adds_category ON adds (category, state, published);
            CREATE INDEX adds_price ON adds (state, currency, price);
            CREATE INDEX adds_latitude ON adds (state, latitude);
            CREATE INDEX adds_expires ON adds (state, expires);
            CREATE TABLE variants (
                id TEXT PRIMARY KEY, add_id TEXT NOT NULL REFERENCES adds (id), position BIGINT NOT NULL, name TEXT NOT NULL, sku TEXT NOT NULL,
                unit TEXT NOT NULL, price BIGINT NOT NULL CHECK (price >= 0), stock BIGINT NOT NULL CHECK (stock >= 0));
            CREATE INDEX variants_add ON variants (add_id, position);
            CREATE TABLE add_media (
                add_id TEXT NOT NULL REFERENCES adds (id), media_id TEXT NOT NULL, position BIGINT NOT NULL, PRIMARY KEY (add_id, media_id));
            CREATE INDEX add_media_item ON add_media (media_id);
            """
    }

    /// Folded copies of place and region, to compare by. Those of ads that are there already come with their words (`AddSearch.refresh`).
    private static let places = """
        ALTER TABLE adds ADD COLUMN place_key TEXT NOT NULL DEFAULT '';
        ALTER TABLE adds ADD COLUMN region_key TEXT NOT NULL DEFAULT '';
        CREATE INDEX adds_place ON adds (state, place_key);
        CREATE INDEX adds_region ON adds (state, region_key);
        """

    private static let orders = """
        CREATE TABLE orders (
            id TEXT PRIMARY KEY, buyer TEXT NOT NULL, seller TEXT NOT NULL, add_id TEXT NOT NULL, title TEXT NOT NULL, currency TEXT NOT NULL,
            total BIGINT NOT NULL, state TEXT NOT NULL, payment_provider TEXT NOT NULL, payment_reference TEXT, note TEXT NOT NULL,
            created BIGINT NOT NULL, updated BIGINT NOT NULL, version BIGINT NOT NULL);
        CREATE INDEX orders_buyer ON orders (buyer, id);
        CREATE INDEX orders_seller ON orders (seller, id);
        CREATE INDEX orders_state ON orders (state, created);
        CREATE TABLE order_lines (
            order_id TEXT NOT NULL REFERENCES orders (id), position BIGINT NOT NULL, variant_id TEXT NOT NULL, name TEXT NOT NULL,
            sku TEXT NOT NULL, unit TEXT NOT NULL, quantity BIGINT NOT NULL CHECK (quantity > 0), price BIGINT NOT NULL, total BIGINT NOT NULL,
            PRIMARY KEY (order_id, position));
        CREATE TABLE order_history (
            order_id TEXT NOT NULL REFERENCES orders (id), position BIGINT NOT NULL, state TEXT NOT NULL, actor TEXT NOT NULL, at BIGINT NOT NULL,
            note TEXT NOT NULL, PRIMARY KEY (order_id, position));
        CREATE TABLE payment_notices (id TEXT PRIMARY KEY, order_id TEXT NOT NULL, received BIGINT NOT NULL);
        """

    private static let buyers = """
        CREATE TABLE favourites (
            owner TEXT NOT NULL, add_id TEXT NOT NULL REFERENCES adds (id), created BIGINT NOT NULL, PRIMARY KEY (owner, add_id));
        CREATE INDEX favourites_add ON favourites (add_id);
        CREATE TABLE saved_searches (
            id TEXT PRIMARY KEY, owner TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL, created BIGINT NOT NULL, seen BIGINT NOT NULL);
        CREATE INDEX saved_searches_owner ON saved_searches (owner, id);
        CREATE TABLE reports (
            id TEXT PRIMARY KEY, add_id TEXT NOT NULL, reporter TEXT NOT NULL, reason TEXT NOT NULL, text TEXT NOT NULL, state TEXT NOT NULL,
            resolution TEXT NOT NULL, resolved_by TEXT, created BIGINT NOT NULL, resolved BIGINT, UNIQUE (add_id, reporter));
        CREATE INDEX reports_state ON reports (state, id);
        """
}
