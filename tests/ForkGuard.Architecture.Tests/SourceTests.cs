using System.Text.RegularExpressions;

namespace ForkGuard.Architecture.Tests;

/// <summary>What every source file keeps to.</summary>
public partial class SourceTests
{
    private const int MaximalLines = 400;

    private static IEnumerable<string> CSharp =>
        SourceTree.Below("src", ".cs").Concat(SourceTree.Below("tests", ".cs"));

    [Fact]
    public void No_file_is_longer_than_400_lines() =>
        Assert.Empty(
            from file in CSharp
            let lines = SourceTree.Read(file).AsSpan().Count('\n')
            where lines > MaximalLines
            select $"{file}: {lines} lines"
        );

    [Fact]
    public void Types_are_named_after_what_they_are() =>
        Assert.Empty(
            from file in CSharp
            from Match type in VagueType().Matches(SourceTree.Read(file))
            select $"{file}: {type.Value}"
        );

    [Fact]
    public void Nothing_is_left_for_later() =>
        Assert.Empty(
            from file in SourceTree.Files
            from Match left in LeftForLater().Matches(SourceTree.Read(file))
            select $"{file}: {left.Value}"
        );

    [GeneratedRegex(
        @"\b(class|record|struct|interface|enum)\s+\w*(Manager|Helpers?|Utils?|Common)\b",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex VagueType();

    // The classes of one letter keep this file from finding itself.
    [GeneratedRegex(
        @"\b(TO[D]O|FIX[M]E|Not[I]mplementedException)\b",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 10_000
    )]
    private static partial Regex LeftForLater();
}
