using System.Text.RegularExpressions;

namespace ForkGuard.Architecture.Tests;

/// <summary>Folders of the controller depend on each other one way.</summary>
public partial class FolderTests
{
    private const string Controller = "src/ForkGuard.Controller/";

    /// <summary>Each folder may use only those before it.</summary>
    private static readonly string[] Folders =
    [
        "Cluster",
        "Watches",
        "Evaluation",
        "Restarts",
        "Status",
        "Reconcilers",
        "Hosting",
    ];

    private static IEnumerable<string> Sources =>
        SourceTree.Below("src", ".cs").Where(file => file.StartsWith(Controller, StringComparison.Ordinal));

    [Fact]
    public void The_controller_has_exactly_the_listed_folders() =>
        Assert.Equal(
            Folders.ToHashSet(StringComparer.Ordinal),
            Sources.Select(FolderOf).Where(folder => folder.Length > 0).ToHashSet(StringComparer.Ordinal)
        );

    [Fact]
    public void The_namespace_of_a_file_is_its_folder() =>
        Assert.Empty(
            from file in Sources
            where FolderOf(file).Length > 0
            from Match declared in Namespace().Matches(SourceTree.Read(file))
            where
                !string.Equals(
                    declared.Groups["name"].Value,
                    $"ForkGuard.Controller.{FolderOf(file)}",
                    StringComparison.Ordinal
                )
            select $"{file}: {declared.Value}"
        );

    // Qualified names count as well as using directives.
    [Fact]
    public void A_folder_uses_only_the_folders_before_it() =>
        Assert.Empty(
            from file in Sources
            let own = Array.IndexOf(Folders, FolderOf(file))
            where own >= 0
            from Match use in Use().Matches(SourceTree.Read(file))
            where Array.IndexOf(Folders, use.Groups["folder"].Value) > own
            select $"{file} -> {use.Groups["folder"].Value}"
        );

    private static string FolderOf(string file) =>
        file[Controller.Length..].Split('/') is [var folder, _, ..] ? folder : "";

    [GeneratedRegex(
        @"^namespace (?<name>[\w.]+);",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex Namespace();

    [GeneratedRegex(
        @"\bForkGuard\.Controller\.(?<folder>\w+)",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex Use();
}
