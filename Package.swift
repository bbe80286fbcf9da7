// swift-tools-version:6.1
import PackageDescription

// Floors: a module imports only modules on lower floors, and no service imports another (docs/ARCHITECTURE.md).
let package = Package(
    name: "agrovet",
    platforms: [.macOS(.v15)],
    targets: [
        // Floor 1: pure computation, no I/O, no C.
        .target(name: "Imaging"),
        .testTarget(name: "ImagingTests", dependencies: ["Imaging"]),
    ],
    swiftLanguageModes: [.v6]
)
