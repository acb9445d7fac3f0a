using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Exporters;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using ForkGuard.Benchmarks;

// ForkGuard.Benchmarks FOLDER: the tables go there.
// In this process: a generated project would be built by the rules of this repository, which it does not keep.
var config = ManualConfig
    .CreateEmpty()
    .AddJob(Job.ShortRun.WithIterationCount(9).WithToolchain(InProcessEmitToolchain.Instance))
    .AddDiagnoser(MemoryDiagnoser.Default)
    .AddColumnProvider(DefaultColumnProviders.Instance)
    .AddLogicalGroupRules(BenchmarkLogicalGroupRule.ByCategory)
    .AddExporter(MarkdownExporter.GitHub)
    .AddLogger(ConsoleLogger.Default)
    .WithArtifactsPath(args.Length > 0 ? args[0] : "artifacts/bench/parsers");
var summary = BenchmarkRunner.Run<ParserBenchmarks>(config);
return summary.HasCriticalValidationErrors || summary.Reports.Any(report => !report.Success) ? 1 : 0;
