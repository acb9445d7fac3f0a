using System.Globalization;
using System.Text.RegularExpressions;
using CliWrap;
using CliWrap.Buffered;
using ForkGuard.Testing;

namespace ForkGuard.Fuzz.Tests;

public sealed partial class FuzzTests
{
    private const int SecondsEach = 4;

    public static TheoryData<string, string> Corpus()
    {
        var files = new TheoryData<string, string>();
        foreach (var target in FuzzTargets.All.Keys)
        {
            foreach (
                var file in Directory.EnumerateFiles(
                    Path.Combine(RepositoryPaths.Root, "tests/ForkGuard.Fuzz/corpus", target)
                )
            )
            {
                files.Add(target, Path.GetFileName(file));
            }
        }

        return files;
    }

    [Theory]
    [MemberData(nameof(Corpus))]
    public void Every_file_of_the_corpus_holds(string target, string file) =>
        FuzzTargets.All[target](
            File.ReadAllBytes(Path.Combine(RepositoryPaths.Root, "tests/ForkGuard.Fuzz/corpus", target, file))
        );

    [Fact]
    [Trait("Needs", "Machine")]
    public async Task A_short_run_of_the_fuzzer_finds_new_paths_and_no_crash()
    {
        var result = await Cli.Wrap(Path.Combine(RepositoryPaths.Root, "eng/fuzz"))
            .WithArguments([SecondsEach.ToString(CultureInfo.InvariantCulture)])
            .WithValidation(CommandResultValidation.None)
            .ExecuteBufferedAsync(TestContext.Current.CancellationToken);

        TestContext.Current.TestOutputHelper!.WriteLine(result.StandardOutput + result.StandardError);
        Assert.True(result.ExitCode == 0, result.StandardOutput + result.StandardError);
        var runs = TargetLine().Matches(result.StandardOutput);
        Assert.Equal(
            FuzzTargets.All.Keys.Order(StringComparer.Ordinal),
            runs.Select(r => r.Groups["target"].Value).Order(StringComparer.Ordinal)
        );
        Assert.All(
            runs,
            run =>
            {
                Assert.True(Number(run, "runs") > 1000, run.Value);
                Assert.True(Number(run, "paths") > 0, run.Value);
            }
        );
    }

    private static int Number(Match run, string name) =>
        int.Parse(run.Groups[name].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(
        @"^(?<target>\w+): (?<runs>\d+) runs, (?<paths>\d+) new paths, 0 crashes, 0 hangs$",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex TargetLine();
}
