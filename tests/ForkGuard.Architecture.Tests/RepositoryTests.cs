using System.Text.RegularExpressions;
using ForkGuard.Testing;
using YamlDotNet.RepresentationModel;

namespace ForkGuard.Architecture.Tests;

/// <summary>The files for contributors and for the hosting service.</summary>
public sealed partial class RepositoryTests
{
    private static readonly string GitHub = Path.Combine(RepositoryPaths.Root, ".github");

    public static TheoryData<string> YamlFiles =>
        [.. Files(GitHub, "*.yml").Select(file => Path.GetRelativePath(RepositoryPaths.Root, file))];

    public static TheoryData<string> FilesWithTargets =>
        [
            "CONTRIBUTING.md",
            ".github/pull_request_template.md",
            .. Files(Path.Combine(GitHub, "workflows"), "*.yml")
                .Select(file => Path.GetRelativePath(RepositoryPaths.Root, file)),
        ];

    [Theory]
    [MemberData(nameof(YamlFiles))]
    public void Yaml_files_have_one_mapping(string file)
    {
        var yaml = new YamlStream();
        using var reader = File.OpenText(Path.Combine(RepositoryPaths.Root, file));
        yaml.Load(reader);
        Assert.IsType<YamlMappingNode>(Assert.Single(yaml.Documents).RootNode);
    }

    [Theory]
    [MemberData(nameof(FilesWithTargets))]
    public void Every_make_target_that_is_named_exists(string file)
    {
        var makefile = File.ReadAllText(Path.Combine(RepositoryPaths.Root, "Makefile"));
        var named = Make().Matches(File.ReadAllText(Path.Combine(RepositoryPaths.Root, file)));
        Assert.NotEmpty(named);
        Assert.All(
            named,
            target =>
                Assert.Matches(new Regex($"^{target.Groups["target"].Value}:", RegexOptions.Multiline, Limit), makefile)
        );
    }

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern, SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    // Not in running text, as in "make it so".
    [GeneratedRegex(
        "(?:^ *|`|run: )make (?<target>[a-z0-9-]+)",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Make();
}
