# Two commands do everything: `make run` and `make test`.
.PHONY: help run build test bench fuzz corpus conformance format lint clean libraries test-tools

# One build folder and one set of flags for running and testing, so that nothing is built twice.
FLAGS = -c release
LIBRARIES = libjpeg-dev libpng-dev libdeflate-dev libgif-dev libwebp-dev libheif-dev liblcms2-dev libpq-dev libsqlite3-dev \
  libavformat-dev libavcodec-dev libavutil-dev libswscale-dev libswresample-dev libargon2-dev libcrypt-dev
TEST_TOOLS = libjpeg-turbo-progs postgresql chromium chromium-driver prometheus curl procps ffmpeg clamav-daemon python3 python3-venv \
  awscli s3cmd rclone restic s3fs openssl
BENCH_TOOLS = wrk nginx-light python3-venv gcc libc6-dev

help:
	@echo "make run     install what is missing, build, and start the server on http://127.0.0.1:8080"
	@echo "make test    build and run every test"
	@echo "make bench   measure against libvips, Pillow, SeaweedFS and nginx (docs/PERFORMANCE.md)"
	@echo "make fuzz    feed every parser with bytes that nobody should send, FUZZ_SECONDS=60 each"
	@echo "make corpus upload broken files of other projects' tests, and samples that were changed"
	@echo "make conformance  run ceph's S3 tests and compare with those that are known to pass"
	@echo "make format  format the sources;  make lint  check them"
	@echo "make clean   remove what was built"

libraries:
	@.ci/install "system libraries" $(LIBRARIES)

test-tools: libraries
	@.ci/install "the servers and the browser that the tests use" $(TEST_TOOLS)

build: libraries
	@echo "Building (the first time takes about ten minutes on two cores)"
	swift build $(FLAGS)

run: build
	@exec $$(swift build $(FLAGS) --show-bin-path)/agrovet serve $(ARGS)

# So many tests at once: most of them start a server or a browser, and all at once would starve those that watch a clock.
TEST_WIDTH = 10

test: test-tools
	@echo "Building (the first time takes about ten minutes on two cores)"
	swift build $(FLAGS) --build-tests
	SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=$(TEST_WIDTH) swift test $(FLAGS) --skip-build --disable-testable-imports

# Seconds for each parser; TARGETS names some of them.
FUZZ_SECONDS = 60
fuzz: test-tools
	swift build $(FLAGS) --product Fuzz
	swift build $(FLAGS) --product agrovet
	@$$(swift build $(FLAGS) --show-bin-path)/Fuzz --seconds $(FUZZ_SECONDS) $(TARGETS)

# Files that other projects test their parsers with, fetched to a cache, and samples that were changed.
CORPUS_CACHE = $(HOME)/.cache/agrovet-corpus
corpus: test-tools
	Tests/Corpus/fetch $(CORPUS_CACHE)
	swift build $(FLAGS) --build-tests
	CORPUS_ROUNDS=20 CORPUS_FOLDER=$(CORPUS_CACHE) swift test $(FLAGS) --skip-build --disable-testable-imports --filter CorpusTests

bench: build
	@.ci/install "the load generator and the peers of the benchmarks" $(BENCH_TOOLS)
	Tests/Benchmarks/run $(ARGS)

# ceph's suite of S3 tests, fetched to .build-conformance; fails when a test of Tests/S3Conformance/passing.txt no longer passes.
conformance: build
	@.ci/install "what the suite runs in" python3 python3-venv git
	Tests/S3Conformance/run $(ARGS)

format:
	swift format --in-place --recursive --parallel Package.swift Sources Tests

lint:
	swift format lint --strict --recursive --parallel Package.swift Sources Tests

clean:
	swift package clean
