# Two commands do everything on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test test-torch browser-test check fmt bench docs runtime clean
DEV = $$($(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['dependency-groups']['dev'])")

help:  ## show this
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

$(READY): pyproject.toml constraints.txt
	@echo "Setting up .venv, with what the tests need: minutes, the first time."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		--editable . $(DEV)
	@touch $@

demo: $(READY)  ## set up, train on handwritten digits, say where to look
	$(BIN)/wgan train

test: $(READY)  ## set up, run the whole suite but for the browser's, a part on each processor core
	OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --ignore=tests/browser

TORCH ?= 2.11.0
OTHER = .venv-torch-$(TORCH)
TORCH_TESTS := tests/training tests/objectives tests/networks tests/diagnosis tests/experiment tests/test_contracts.py

test-torch: $(READY)  ## what depends on torch, with another one, in an environment of its own: TORCH=2.11.0
	@test -x $(OTHER)/bin/python || $(PYTHON) -m venv $(OTHER)
	@grep -v '^torch==' constraints.txt > $(OTHER)/constraints.txt
	$(OTHER)/bin/python -m pip install --quiet --disable-pip-version-check --constraint $(OTHER)/constraints.txt \
		torch==$(TORCH) --editable . $(DEV)
	OMP_NUM_THREADS=1 WGAN_TEST_KERNELS=all $(OTHER)/bin/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(TORCH_TESTS)

browser-test: $(READY)  ## the report in a browser; installs Debian's chromium, and Playwright without one of its own
	@test -x /usr/bin/chromium || { \
		root=$$(test "$$(id -u)" = 0 || echo "sudo -n"); \
		$$root apt-get update -qq && $$root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium; \
	} || { echo "No /usr/bin/chromium, and it could not be installed: as root, apt-get install chromium."; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt \
		$$($(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb'))['dependency-groups']['browser'])")
	$(BIN)/pytest tests/browser

RUNTIME := src/wgan/share/runtime

runtime: $(READY)  ## fetch the runtime of `wgan explore` again, as pinned; needs npm and a network
	@folder=$$(mktemp -d) && cd $$folder && npm pack --silent onnxruntime-web@$$(cat $(CURDIR)/$(RUNTIME)/VERSION) \
		&& tar xzf onnxruntime-web-*.tgz && cd package/dist && sha256sum --check $(CURDIR)/$(RUNTIME)/SHA256SUMS \
		&& $(CURDIR)/$(BIN)/python -c "import gzip, pathlib, sys; [pathlib.Path(sys.argv[1], name + '.gz').write_bytes( \
			gzip.compress(pathlib.Path(name).read_bytes(), 9, mtime=0)) for name in sys.argv[2:]]" \
			$(CURDIR)/$(RUNTIME) $$(awk '{print $$2}' $(CURDIR)/$(RUNTIME)/SHA256SUMS) \
		&& rm -r $$folder

check: $(READY)  ## lint, types, import directions; changes nothing
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	@find src -name '*.py' -exec wc -l {} + | awk '$$1 > 250 && $$2 != "total" {print "long: " $$2 " has " $$1 " lines"}'

fmt: $(READY)  ## format and sort
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(READY)  ## measure what the documentation claims (an hour and more); but for a GPU: benchmarks/gpu.py
	@for script in $(filter-out benchmarks/gpu.py,$(wildcard benchmarks/*.py)); do \
		echo "== $$script"; $(BIN)/python $$script || exit 1; \
	done

docs: $(READY)  ## make the documents' pictures and the notebook's outputs again, without other data
	$(BIN)/python docs/make_pictures.py
	$(BIN)/python docs/make_notebooks.py

clean:  ## remove the environment and the caches, keep the runs
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
