import Events
import Persistence
import Projections

enum ProfilesMigrations {
    static let all = [
        Outbox.migration, Inbox.migration, MediaProjection.migration, UserProjection.migration, Migration("0002-profiles", profiles),
        ProfileSearch.index.migration("0003-profiles-search"), Migration("0004-licences", licences), Migration("0005-reviews", reviews),
        SpecialtySeed.migration, ProfileSearch.index.rankMigration("0007-profiles-search-rank"),
        Migration("0008-kept-reviews", keptReviews),
    ]

    private static let profiles = """
        CREATE TABLE specialties (
            slug TEXT PRIMARY KEY, parent TEXT REFERENCES specialties (slug), name_en TEXT NOT NULL, name_es TEXT NOT NULL,
            position BIGINT NOT NULL);
        CREATE TABLE profiles (
            id TEXT PRIMARY KEY, kind TEXT NOT NULL, user_id TEXT NOT NULL,
            -- JSON: what the owner says of the profile. The columns below are copies of what lists choose and order by.
            fields TEXT NOT NULL,
            name_key TEXT NOT NULL, city_key TEXT NOT NULL, country TEXT NOT NULL,
            latitude DOUBLE PRECISION, longitude DOUBLE PRECISION, location_visibility TEXT NOT NULL,
            licence_state TEXT NOT NULL, licence_document TEXT, licence_reason TEXT NOT NULL,
            version BIGINT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL,
            UNIQUE (kind, user_id));
        CREATE INDEX profiles_user ON profiles (user_id);
        CREATE INDEX profiles_created ON profiles (kind, created, id);
        CREATE INDEX profiles_latitude ON profiles (kind, latitude);
        CREATE INDEX profiles_city ON profiles (kind, country, city_key);
        CREATE INDEX profiles_document ON profiles (licence_document);
        CREATE TABLE profile_specialties (
            profile_id TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE, slug TEXT NOT NULL REFERENCES specialties (slug),
            PRIMARY KEY (profile_id, slug));
        CREATE INDEX profile_specialties_slug ON profile_specialties (slug, profile_id);
        CREATE TABLE profile_languages (
            profile_id TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE, language TEXT NOT NULL, PRIMARY KEY (profile_id, language));
        CREATE INDEX profile_languages_language ON profile_languages (language, profile_id);
        -- Minutes of the week from Monday 00:00 on, in the profile's time zone.
        CREATE TABLE profile_hours (
            profile_id TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE, time_zone TEXT NOT NULL, opens BIGINT NOT NULL,
            closes BIGINT NOT NULL, PRIMARY KEY (profile_id, opens));
        CREATE INDEX profile_hours_zone ON profile_hours (time_zone, opens);
        CREATE TABLE profile_media (
            profile_id TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE, media_id TEXT NOT NULL, PRIMARY KEY (profile_id, media_id));
        CREATE INDEX profile_media_item ON profile_media (media_id);
        """

    private static let licences = """
        -- Outlives the profile that it is about.
        CREATE TABLE licence_audit (
            id TEXT PRIMARY KEY, profile_id TEXT NOT NULL, user_id TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL,
            licence_number TEXT NOT NULL, licensing_body TEXT NOT NULL, document TEXT, reason TEXT NOT NULL, at BIGINT NOT NULL);
        CREATE INDEX licence_audit_profile ON licence_audit (profile_id, id);
        CREATE INDEX licence_audit_user ON licence_audit (user_id);
        """

    private static let reviews = """
        -- The author is null where the account is gone.
        CREATE TABLE reviews (
            id TEXT PRIMARY KEY, profile_id TEXT NOT NULL REFERENCES profiles (id) ON DELETE CASCADE, author TEXT,
            rating BIGINT NOT NULL CHECK (rating BETWEEN 1 AND 5), text TEXT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL,
            version BIGINT NOT NULL, UNIQUE (profile_id, author));
        CREATE INDEX reviews_author ON reviews (author);
        CREATE INDEX reviews_created ON reviews (profile_id, created, id);
        -- Sums over all that rates a profile: reviews here, and what other services tell later.
        CREATE TABLE profile_ratings (
            profile_id TEXT PRIMARY KEY REFERENCES profiles (id) ON DELETE CASCADE, stars BIGINT NOT NULL, ratings BIGINT NOT NULL);
        """

    /// Reviews are of a person: they outlive the profile, and are those of the next one that the same user makes.
    private static let keptReviews = """
        CREATE TABLE kept_reviews (
            id TEXT PRIMARY KEY, user_id TEXT NOT NULL, author TEXT,
            rating BIGINT NOT NULL CHECK (rating BETWEEN 1 AND 5), text TEXT NOT NULL, created BIGINT NOT NULL, updated BIGINT NOT NULL,
            version BIGINT NOT NULL, UNIQUE (user_id, author));
        INSERT INTO kept_reviews (id, user_id, author, rating, text, created, updated, version)
            SELECT r.id, p.user_id, r.author, r.rating, r.text, r.created, r.updated, r.version
            FROM reviews r JOIN profiles p ON p.id = r.profile_id;
        DROP TABLE reviews;
        ALTER TABLE kept_reviews RENAME TO reviews;
        CREATE INDEX reviews_author ON reviews (author);
        CREATE INDEX reviews_created ON reviews (user_id, created, id);
        CREATE TABLE specialist_ratings (user_id TEXT PRIMARY KEY, stars BIGINT NOT NULL, ratings BIGINT NOT NULL);
        INSERT INTO specialist_ratings (user_id, stars, ratings)
            SELECT p.user_id, r.stars, r.ratings FROM profile_ratings r JOIN profiles p ON p.id = r.profile_id;
        DROP TABLE profile_ratings;
        """
}
