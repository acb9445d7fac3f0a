# Everything generated goes under artifacts/, which git ignores.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:

export DOTNET_NOLOGO := 1
export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_SKIP_FIRST_TIME_EXPERIENCE := 1
# A build node that stays behind keeps the pipe of a CI job open.
export MSBUILDDISABLENODEREUSE := 1

CONFIGURATION := Release
QUIET := --nologo --verbosity quiet -tl:off -clp:NoSummary
SAMPLES := config/samples
STRINGS = dotnet run --project eng/ForkGuard.Strings -c $(CONFIGURATION) --verbosity quiet -- .
API_REFERENCE = dotnet run --project eng/ForkGuard.ApiReference -c $(CONFIGURATION) --verbosity quiet -- config/crd docs/api-reference.md

# The folders are prerequisites too: removing a file changes nothing else.
AGENT_PROJECTS := $(addprefix src/ForkGuard.,Agent Api Cli Host Kernel Manifests Node Policy Telemetry)
AGENT_SOURCES := $(shell find $(AGENT_PROJECTS) -type d -o -name '*.cs' -o -name '*.csproj') \
	Directory.Build.props Directory.Packages.props global.json

.PHONY: help
help: ## Show this help
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-16s", $$1; n = split($$2, words, " "); column = 23; \
		for (i = 1; i <= n; i++) { if (column + 1 + length(words[i]) > 80) { printf "\n%23s", ""; column = 23 } \
			printf " %s", words[i]; column += 1 + length(words[i]) } print "" }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: sdk ## Watch this machine with the policy of config/samples; Ctrl-C ends it
	@echo "==> forkguard watch -f $(SAMPLES) (building it first)"
	@eng/run-in-foreground dotnet run --project src/ForkGuard.Cli --verbosity quiet -- watch -f $(SAMPLES)

.PHONY: test
test: prerequisites check-format verify-chart verify-prose verify-workflows verify-dashboard build publish cluster-programs ## Everything: verify, publish, all tests
	@eng/run-tests $(CONFIGURATION)

.PHONY: test-unit
test-unit: sdk build ## The tests that need neither the published binary nor a chosen machine
	@eng/run-tests $(CONFIGURATION) -trait- Needs=Machine

.PHONY: lab
lab: prerequisites build publish ## Verdicts against real forks on other kernels, in virtual machines; FORKGUARD_LAB_SEED repeats a run
	@rm -f artifacts/lab/report.md; code=0; eng/run-tests $(CONFIGURATION) --only ForkGuard.Lab.Tests || code=$$?; \
		cat artifacts/lab/report.md; exit $$code

.PHONY: lab-systemd
lab-systemd: prerequisites build publish ## Restarts of units by a real systemd in a virtual machine: half an hour; as root
	@TEST_SECONDS=3600 eng/run-tests $(CONFIGURATION) --only ForkGuard.Lab.Tests -explicit only -class '*SystemdTests'

.PHONY: faults
faults: prerequisites build cluster-programs ## Restarts under faults of API server, network, controller, clocks and users: two hours
	@rm -rf artifacts/faults; code=0; FORKGUARD_FAULTS=$${FORKGUARD_FAULTS:-all} TEST_SECONDS=10800 eng/run-tests $(CONFIGURATION) \
		--only ForkGuard.Faults.Tests -explicit on || code=$$?; cat artifacts/faults/report.md; exit $$code

.PHONY: cluster
cluster: prerequisites ## ForkGuard in a Kubernetes of one node on this machine, to play with, until Ctrl-C; as root
	@tests/cluster/build-images artifacts/images
	@eng/run-in-foreground tests/cluster/node run artifacts/images/{agent,controller}.tar

.PHONY: image
image: ## Build the images of agent and controller with docker or buildah; REGISTRY and TAG name them
	@eng/image

.PHONY: cluster-programs
cluster-programs: prerequisites ## The programs of the test cluster: a quarter of an hour on two cores, once
	@if [ -z "$${KUBECONFIG:-}$${KUBEBUILDER_ASSETS:-}" ]; then \
		for script in tests/cluster/{build-kubernetes,build-crd-server,fetch-*}; do $$script >/dev/null; done; fi

.PHONY: e2e
e2e: prerequisites build publish cluster-programs ## The chart on a real node of this machine; as root
	@eng/run-tests $(CONFIGURATION) --only ForkGuard.EndToEnd.Tests

.PHONY: fuzz
fuzz: prerequisites ## Fuzz the parsers of /proc, FUZZ_SECONDS (default 600) each
	@eng/fuzz $(or $(FUZZ_SECONDS),600)

.PHONY: mutation
mutation: prerequisites ## Change the code of policy and restarts and see its tests fail, in PARTS or all of it: an hour on two cores
	@eng/mutation $(PARTS)

.PHONY: publish
publish: sdk artifacts/forkguard ## Compile artifacts/forkguard with NativeAOT

# Its own intermediate files: restoring for a runtime would undo, and be undone by, the restore of an ordinary build.
artifacts/forkguard: $(AGENT_SOURCES)
	@eng/install-prerequisites --compiler-only
	@echo "==> publish $@ (NativeAOT)"
	@dotnet publish src/ForkGuard.Cli -c Release --use-current-runtime -p:PublishAot=true -p:RunAnalyzers=false -p:PathMap=$(CURDIR)/=/_/ \
		-p:ArtifactsPath=$(CURDIR)/artifacts/aot/build -o artifacts/aot/out $(QUIET)
	@install -m 755 artifacts/aot/out/forkguard $@.unfinished
	@mv $@.unfinished $@
	@ln -sf forkguard artifacts/kubectl-forkguard

.PHONY: deb
deb: publish ## Package artifacts/forkguard for Debian, with a systemd service, into artifacts/deb
	@eng/deb

.PHONY: release
release: prerequisites tools publish ## The files of a release, with images, checksums and bills of materials, into artifacts/release
	@rm -rf artifacts/release
	@eng/image-archives artifacts/release
	@eng/release

.PHONY: verify-release
verify-release: ## Make the release of the last commit twice, in two folders, and compare every byte
	@eng/verify-release

.PHONY: bench
bench: publish build artifacts/bench/bin/scan-loop ## Measure what ForkGuard costs beside what it is compared with; as root
	@tests/bench/run $(BENCH)

.PHONY: bench-controller
bench-controller: prerequisites build publish cluster-programs ## Measure controller and agent with 5 000 nodes, 20 000 pods and 500 watches
	@artifacts/build/bin/ForkGuard.ControllerLoad/release/ForkGuard.ControllerLoad

artifacts/bench/bin/scan-loop: $(AGENT_SOURCES) $(wildcard tests/ForkGuard.ScanLoop/*)
	@echo "==> publish $@ (NativeAOT)"
	@dotnet publish tests/ForkGuard.ScanLoop -c Release --use-current-runtime -p:PublishAot=true \
		-p:ArtifactsPath=$(CURDIR)/artifacts/aot/build -o artifacts/aot/scan-loop $(QUIET)
	@mkdir -p $(@D)
	@install -m 755 artifacts/aot/scan-loop/scan-loop $@

.PHONY: verify
verify: check-format build verify-chart verify-prose verify-workflows verify-dashboard ## Formatting, analyzers, architecture, texts, workflows, dashboard, the API's page and the chart; prints the command that mends it
	@$(API_REFERENCE) --check
	@eng/run-tests $(CONFIGURATION) --only ForkGuard.Architecture.Tests

.PHONY: update
update: tools ## Format the C# sources, write docs/api-reference.md and tests/strings.md, copy config/ into the chart
	@dotnet csharpier format .
	@$(API_REFERENCE)
	@$(STRINGS)
	@eng/chart update

.PHONY: verify-chart
verify-chart: prerequisites
	@eng/chart verify

.PHONY: verify-prose
verify-prose: prerequisites
	@eng/lint-prose

.PHONY: verify-workflows
verify-workflows: prerequisites
	@eng/lint-workflows

.PHONY: verify-dashboard
verify-dashboard: prerequisites
	@eng/lint-dashboard

.PHONY: clean
clean: ## Remove everything generated
	@rm -rf artifacts

.PHONY: sdk
sdk:
	@command -v dotnet >/dev/null || { echo "Install the .NET 10 SDK: https://dot.net/download" >&2; exit 1; }

.PHONY: prerequisites
prerequisites: sdk
	@eng/install-prerequisites

.PHONY: tools
tools: sdk
	@echo "==> restore tools"
	@dotnet tool restore --verbosity quiet >/dev/null

.PHONY: check-format
check-format: tools
	@echo "==> check formatting"
	@dotnet csharpier check . || { echo "Run \`make update\` and commit what it changes." >&2; exit 1; }

.PHONY: build
build: sdk
	@echo "==> build ForkGuard.sln ($(CONFIGURATION), warnings are errors)"
	@dotnet msbuild ForkGuard.sln -restore -p:Configuration=$(CONFIGURATION) $(QUIET)
