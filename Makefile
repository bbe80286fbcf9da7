# Two commands do everything: `make run` and `make test`.
BUILD = swift build -c release
.PHONY: test
test:
	swift test -c release
