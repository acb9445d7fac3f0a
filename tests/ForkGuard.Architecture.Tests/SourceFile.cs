using System.Text.RegularExpressions;

namespace ForkGuard.Architecture.Tests;

/// <summary>A C# file of a project below src.</summary>
/// <param name="Path">From the root of the checkout.</param>
/// <param name="Text">Its text.</param>
internal sealed partial record SourceFile(string Path, string Text)
{
    private string[] Parts { get; } = Path.Split('/');

    public static IReadOnlyList<SourceFile> All { get; } =
    [.. SourceTree.Below("src", ".cs").Select(path => new SourceFile(path, SourceTree.Read(path)))];

    public string Project => Parts[1];

    /// <summary>Its folder directly below the project; empty for a file of the project's own folder.</summary>
    public string Folder => Parts.Length > 3 ? Parts[2] : "";

    /// <summary>Namespace by its folders.</summary>
    public string FullFolder => string.Join('.', Parts[1..^1]);

    /// <summary>Namespaces that it declares.</summary>
    public IEnumerable<string> Namespaces => Namespace().Matches(Text).Select(match => match.Groups["name"].Value);

    /// <summary>Types that it declares, without nested ones.</summary>
    public IEnumerable<string> Types => Type().Matches(Text).Select(match => match.Groups["name"].Value);

    /// <summary>Words of its code that may name a type: neither a member nor a name that is given a value.</summary>
    public IReadOnlySet<string> Words { get; } =
        Word().Matches(Comment().Replace(Text, "")).Select(match => match.Value).ToHashSet(StringComparer.Ordinal);

    /// <summary>Folders of its project that it names in a using directive or in a qualified name.</summary>
    public IEnumerable<string> NamedFolders =>
        Qualified()
            .Matches(Text)
            .Where(match => string.Equals(match.Groups["project"].Value, Project, StringComparison.Ordinal))
            .Select(match => match.Groups["folder"].Value);

    [GeneratedRegex(
        @"^namespace (?<name>[\w.]+);",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex Namespace();

    [GeneratedRegex(
        @"^([a-z]+ )+(class|struct|interface|enum|record( struct)?) (?<name>\w+)",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex Type();

    [GeneratedRegex(
        @"\b(?<project>ForkGuard\.\w+)\.(?<folder>\w+)",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex Qualified();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w*\b(?! =)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Word();

    [GeneratedRegex("//.*", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Comment();
}
