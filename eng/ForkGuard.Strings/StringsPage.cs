using System.Text;

namespace ForkGuard.Strings;

/// <summary>The page of all texts, by source file.</summary>
internal static class StringsPage
{
    internal const string File = "tests/strings.md";

    // Shell scripts, which no user reads.
    private const string Scripts = "Completion.cs";

    /// <summary>Returns the page for the sources below <c>src</c> of a checkout.</summary>
    internal static string Of(string root)
    {
        var page = new StringBuilder("# Texts that a user may read\n\nWritten by `make update` from src.\n");
        var sources = Path.Combine(root, "src");
        foreach (
            var file in Directory
                .EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
                .Where(path => !path.EndsWith(Scripts, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)
        )
        {
            var texts = UserStrings.Of(System.IO.File.ReadAllText(file)).Distinct(StringComparer.Ordinal).ToList();
            if (texts.Count > 0)
            {
                page.Append("\n## ").Append(Path.GetRelativePath(sources, file)).Append("\n\n");
                texts.ForEach(text => page.Append("* ").Append(text).Append('\n'));
            }
        }

        return page.ToString();
    }
}
