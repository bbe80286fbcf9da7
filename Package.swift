// swift-tools-version:6.1
import PackageDescription

// On Linux the program carries Swift's runtime: it runs where no toolchain is, and starts with a third fewer pages to relocate.
// Static archives name no libraries that they need themselves, so these stand here.
let selfContained: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-static-stdlib", "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-lFoundationEssentials",
            "-lFoundationInternationalization", "-l_FoundationICU", "-l_FoundationCShims", "-l_FoundationCollections", "-lCoreFoundation",
            "-lswiftSynchronization", "-ldispatch", "-lBlocksRuntime",
        ], .when(platforms: [.linux]))
]

// Floors: a module imports only modules on lower floors, and no service imports another (docs/ARCHITECTURE.md).
let package = Package(
    name: "agrovet",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "agrovet", targets: ["agrovet"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.34.1"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.30.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
    ],
    targets: [
        // Floor 0: C libraries. Shims hold what Swift cannot say (longjmp, macros).
        .target(name: "CJPEG", path: "Sources/CLibraries/CJPEG", linkerSettings: [.linkedLibrary("jpeg")]),
        .target(
            name: "CPNG", path: "Sources/CLibraries/CPNG",
            linkerSettings: [.linkedLibrary("png"), .linkedLibrary("z"), .linkedLibrary("deflate")]),
        .target(name: "CGIF", path: "Sources/CLibraries/CGIF", linkerSettings: [.linkedLibrary("gif")]),
        .target(name: "CFileAccess", path: "Sources/CLibraries/CFileAccess"),
        .target(name: "CIsolation", path: "Sources/CLibraries/CIsolation"),
        // Loads libavformat and its family by itself, when the first video comes.
        .target(name: "CFFmpeg", path: "Sources/CLibraries/CFFmpeg"),
        // The checks of S3, by the processor's own instructions.
        .target(name: "CChecksum", path: "Sources/CLibraries/CChecksum"),
        .target(name: "CMD5", path: "Sources/CLibraries/CMD5"),
        .systemLibrary(name: "CWebP", path: "Sources/CLibraries/CWebP", providers: [.apt(["libwebp-dev"]), .brew(["webp"])]),
        .systemLibrary(
            name: "CLCMS2", path: "Sources/CLibraries/CLCMS2", pkgConfig: "lcms2",
            providers: [.apt(["liblcms2-dev"]), .brew(["little-cms2"])]),
        .systemLibrary(
            name: "CArgon2", path: "Sources/CLibraries/CArgon2", pkgConfig: "libargon2",
            providers: [.apt(["libargon2-dev"]), .brew(["argon2"])]),
        // libxcrypt, for bcrypt.
        .systemLibrary(
            name: "CCrypt", path: "Sources/CLibraries/CCrypt", pkgConfig: "libxcrypt",
            providers: [.apt(["libcrypt-dev"]), .brew(["libxcrypt"])]),
        // Loads libraries when they are first needed: libheif and libpq.
        .target(name: "CLateLibrary", path: "Sources/CLibraries/CLateLibrary"),
        .target(
            name: "CHEIF", dependencies: ["CLateLibrary"], path: "Sources/CLibraries/CHEIF",
            linkerSettings: [.linkedLibrary("heif", .when(platforms: [.macOS]))]),
        .target(
            name: "CPostgreSQL", dependencies: ["CLateLibrary"], path: "Sources/CLibraries/CPostgreSQL",
            linkerSettings: [.linkedLibrary("pq", .when(platforms: [.macOS]))]),

        // Floor 1: pure computation and storage.
        .target(name: "Imaging"),
        // JSON values and the schemas that check and document them.
        .target(name: "Schemas"),
        // How S3 is spoken, by server and client alike: signatures, chunked bodies, checksums, XML, error codes.
        .target(
            name: "S3Wire",
            dependencies: [
                "CChecksum", "CMD5", "Schemas",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        .target(
            name: "Persistence",
            dependencies: [
                "CPostgreSQL", .product(name: "GRDB", package: "GRDB.swift"), .product(name: "GRDBSQLite", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .target(
            name: "ObjectStorage",
            dependencies: [
                "CFileAccess", "Persistence", "S3Wire", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        // Floor 2: codecs, events, and what every HTTP service shares.
        .target(name: "Codecs", dependencies: ["Imaging", "CJPEG", "CPNG", "CGIF", "CWebP", "CHEIF", "CLCMS2", "CFFmpeg"]),
        .target(
            name: "Events",
            dependencies: [
                "CChecksum", "Persistence", "Schemas", .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ]),
        .target(
            name: "WebAPI",
            dependencies: [
                "Persistence", "Schemas",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"), .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
            ]),

        // Floor 3: from a file to its renditions.
        .target(
            name: "MediaPipeline", dependencies: ["CIsolation", "Imaging", "Codecs", .product(name: "NIOPosix", package: "swift-nio")]),

        // Floor 3: what services know of each other's things, each in its own database, by events.
        .target(
            name: "Projections", dependencies: ["Events", "Persistence", "Schemas", .product(name: "Logging", package: "swift-log")]),

        // Floor 4: services.
        .target(
            name: "MediaService",
            dependencies: [
                "Imaging", "Codecs", "MediaPipeline", "Persistence", "ObjectStorage", "Events", "Projections", "Schemas", "WebAPI",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        .target(
            name: "S3Service",
            dependencies: [
                "S3Wire", "ObjectStorage", "Persistence", "Events", "Schemas", "WebAPI",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        .target(
            name: "AuthService",
            dependencies: [
                "CArgon2", "CCrypt", "Persistence", "Events", "Schemas", "WebAPI",
                .product(name: "Crypto", package: "swift-crypto"), .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "JWTKit", package: "jwt-kit"), .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        .target(
            name: "MarketplaceService",
            dependencies: [
                "Events", "Persistence", "Projections", "Schemas", "WebAPI", .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        .target(
            name: "ProfilesService",
            dependencies: [
                "Events", "Persistence", "Projections", "Schemas", "WebAPI", .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        // Floor 5: the program: its commands, its settings, its console page, the composition root.
        .target(name: "CConsolePage", path: "Sources/CLibraries/CConsolePage", exclude: ["page"]),
        .target(
            name: "Application",
            dependencies: [
                "CConsolePage", "AuthService", "MarketplaceService", "MediaService", "ProfilesService", "S3Service", "MediaPipeline",
                "Codecs",
                "ObjectStorage",
                "Persistence", "Events", "Schemas", "WebAPI",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ]),
        // Where the process begins, and how it is linked; nothing else depends on it.
        .executableTarget(name: "agrovet", dependencies: ["Application", "MediaPipeline"], linkerSettings: selfContained),

        // Tests: one target a module, one harness for the real servers that they start.
        .target(
            name: "TestSupport",
            dependencies: [
                "S3Wire", .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ], path: "Tests/TestSupport"),
        // Services in the test's own process, over HTTP, with users that the test makes up.
        .target(
            name: "ServiceTestSupport",
            dependencies: [
                "Events", "Persistence", "Schemas", "TestSupport", "WebAPI", .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], path: "Tests/ServiceTestSupport"),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "AuthService", "Codecs", "Events", "Imaging", "MarketplaceService", "MediaPipeline", "MediaService", "ObjectStorage",
                "Persistence", "ProfilesService", "S3Service", "S3Wire", "Schemas", "WebAPI",
                .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
            ], path: "Tests/Fuzz"),
        // The storage by itself, as a process: measured by benchmarks, killed by tests.
        .executableTarget(
            name: "StorageTrial",
            dependencies: [
                "ObjectStorage", "Persistence", .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ], path: "Tests/StorageTrial"),
        // The event log by itself, as a process: several at once on one log, killed by tests, measured by benchmarks.
        .executableTarget(
            name: "EventsTrial",
            dependencies: [
                "Events", "Persistence", .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], path: "Tests/EventsTrial"),
        .testTarget(name: "ImagingTests", dependencies: ["Imaging"]),
        .testTarget(name: "SchemasTests", dependencies: ["Schemas", "TestSupport"]),
        .testTarget(name: "PersistenceTests", dependencies: ["Persistence", "TestSupport"]),
        .testTarget(
            name: "ObjectStorageTests",
            dependencies: [
                "ObjectStorage", "Persistence", "StorageTrial", "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
            ]),
        .testTarget(
            name: "S3WireTests",
            dependencies: [
                "CChecksum", "S3Wire", "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "NIOCore", package: "swift-nio"),
            ]),
        .testTarget(
            name: "S3ServiceTests",
            dependencies: [
                "Events", "S3Service", "S3Wire", "ObjectStorage", "Persistence", "TestSupport", "WebAPI",
                .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            // Run by tests as a process of its own.
            exclude: ["Notifications/receiver.py"]),
        .testTarget(
            name: "S3ClientsTests",
            dependencies: ["TestSupport", .product(name: "AsyncHTTPClient", package: "async-http-client")],
            // Run by tests as processes of their own.
            exclude: ["Clients"]),
        .testTarget(name: "CodecsTests", dependencies: ["CWebP", "Codecs", "Imaging", "TestSupport"]),
        .testTarget(
            name: "EventsTests",
            dependencies: [
                "Events", "EventsTrial", "Persistence", "Schemas", "TestSupport", .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "WebAPITests",
            dependencies: [
                "Persistence", "Schemas", "ServiceTestSupport", "WebAPI", "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ]),
        .testTarget(name: "MediaPipelineTests", dependencies: ["MediaPipeline", "Codecs", "Imaging", "TestSupport"]),
        .testTarget(
            name: "MediaServiceTests",
            dependencies: [
                "Codecs", "Events", "Imaging", "MediaPipeline", "MediaService", "ObjectStorage", "Persistence", "Schemas", "TestSupport",
                "WebAPI",
                .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "MarketplaceServiceTests",
            dependencies: [
                "Events", "MarketplaceService", "Persistence", "Schemas", "ServiceTestSupport", "TestSupport", "WebAPI",
                .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "ProfilesServiceTests",
            dependencies: [
                "Events", "Persistence", "ProfilesService", "Schemas", "ServiceTestSupport", "TestSupport", "WebAPI",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        .testTarget(
            name: "AuthServiceTests",
            dependencies: [
                "AuthService", "Events", "Persistence", "ServiceTestSupport", "TestSupport", "WebAPI",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"), .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            // Run by tests as processes of their own.
            exclude: ["Scripts"]),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "Application", "Events", "Schemas", "ServiceTestSupport", "TestSupport", "WebAPI",
                .product(name: "AsyncHTTPClient", package: "async-http-client"), .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            // Run by tests as processes of their own.
            exclude: [
                "Documents/schemathesis.toml", "Documents/schemathesis_hooks.py", "Events/asyncapi_check.py", "Hooks/receiver.py",
                "Upstream/tls_proxy.py", "limiting_proxy.py",
            ]),
        .testTarget(
            name: "FaultTests",
            dependencies: ["TestSupport", .product(name: "AsyncHTTPClient", package: "async-http-client")],
            exclude: ["lost_commit.py"]),
    ],
    swiftLanguageModes: [.v6]
)
