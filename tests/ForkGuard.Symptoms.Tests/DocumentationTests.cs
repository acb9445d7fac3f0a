using System.Reflection;
using System.Text.RegularExpressions;
using ForkGuard.Testing.Documentation;

namespace ForkGuard.Symptoms.Tests;

public sealed partial class DocumentationTests
{
    [Fact]
    public void The_page_lists_the_messages_that_tests_reproduce_and_no_other()
    {
        var documented = Page.Read("docs/symptoms.md")
            .TableUnder("From the message to the cause")
            .SelectMany(row => Code().Matches(row[0]).Select(match => match.Groups["text"].Value));
        var reproduced = typeof(Symptom)
            .GetFields(BindingFlags.NonPublic | BindingFlags.Static)
            .Select(field => (string)field.GetRawConstantValue()!);
        Assert.Equal(
            reproduced.Select(Generalized).Order(StringComparer.Ordinal),
            documented.Order(StringComparer.Ordinal)
        );
    }

    /// <summary>The page has no name of the test's child.</summary>
    private static string Generalized(string message) =>
        message.Replace("/usr/bin/true", "PROGRAM", StringComparison.Ordinal);

    [GeneratedRegex("`(?<text>[^`]+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Code();
}
