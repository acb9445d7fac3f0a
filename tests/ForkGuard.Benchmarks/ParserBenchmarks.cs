using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Kernel.Scanning;

namespace ForkGuard.Benchmarks;

/// <summary>
/// Each parser over the file of this very process, against the kernel writing that file: the ratio says what a better
/// parser could save.
/// </summary>
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class ParserBenchmarks
{
    private static readonly OwnFile StatmFile = new("statm");
    private static readonly OwnFile StatFile = new("stat");
    private static readonly OwnFile MapsFile = new("maps");
    private static readonly OwnFile SmapsFile = new("smaps");
    private ulong _lastCandidateEnd;

    [GlobalSetup]
    public void Capture()
    {
        foreach (var file in new[] { StatmFile, StatFile, MapsFile, SmapsFile })
        {
            file.Read();
        }

        var survey = new MappingSurvey(candidateBytes: 4096, maxChargedBytes: ulong.MaxValue, known: null);
        Feed(ref survey, MapsFile.Content);
        _lastCandidateEnd = survey.LastCandidateEnd;
    }

    [Benchmark(Baseline = true, Description = "the kernel writes it")]
    [BenchmarkCategory("statm")]
    public int ReadStatm() => StatmFile.ReadAgain();

    [Benchmark(Description = "ForkGuard parses it")]
    [BenchmarkCategory("statm")]
    public ulong ParseStatm() => Statm.TryParseSize(StatmFile.Content, out var pages) ? pages : 0;

    [Benchmark(Baseline = true, Description = "the kernel writes it")]
    [BenchmarkCategory("stat")]
    public int ReadStat() => StatFile.ReadAgain();

    [Benchmark(Description = "ForkGuard parses it")]
    [BenchmarkCategory("stat")]
    public ulong ParseStat() => ProcessStat.TryParse(StatFile.Content, out var stat) ? stat.StartTime : 0;

    [Benchmark(Baseline = true, Description = "the kernel writes it")]
    [BenchmarkCategory("maps")]
    public int ReadMaps() => MapsFile.ReadAgain();

    [Benchmark(Description = "ForkGuard parses it")]
    [BenchmarkCategory("maps")]
    public ulong ParseMaps()
    {
        var survey = new MappingSurvey(candidateBytes: 4096, maxChargedBytes: ulong.MaxValue, known: null);
        Feed(ref survey, MapsFile.Content);
        return survey.LargestPrivate;
    }

    [Benchmark(Baseline = true, Description = "the kernel writes it")]
    [BenchmarkCategory("smaps")]
    public int ReadSmaps() => SmapsFile.ReadAgain();

    [Benchmark(Description = "ForkGuard parses it")]
    [BenchmarkCategory("smaps")]
    public ulong ParseSmaps()
    {
        var tally = new SmapsTally(
            candidateBytes: 4096,
            maxChargedBytes: ulong.MaxValue,
            _lastCandidateEnd,
            countNoReserve: false
        );
        var rest = SmapsFile.Content;
        while (Ascii.TryTakeLine(ref rest, out var line) && tally.TryAdd(line)) { }

        return tally.Largest;
    }

    private static void Feed(ref MappingSurvey survey, ReadOnlySpan<byte> rest)
    {
        while (Ascii.TryTakeLine(ref rest, out var line) && survey.TryAdd(line)) { }
    }
}
