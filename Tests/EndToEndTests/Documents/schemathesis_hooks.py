"""What schemathesis has to know beside schemathesis.toml: bytes that a protocol of its own carries are bytes."""

import schemathesis

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
