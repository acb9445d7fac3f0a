using ForkGuard.Strings;
using ForkGuard.Testing;

namespace ForkGuard.Architecture.Tests;

public sealed class StringsTests
{
    [Fact]
    public void Every_text_that_a_user_may_read_is_in_the_list_of_texts()
    {
        var listed = SourceTree.Read(StringsPage.File).Split('\n');
        var current = StringsPage.Of(RepositoryPaths.Root).Split('\n');

        Assert.True(
            listed.SequenceEqual(current, StringComparer.Ordinal),
            $"Run `make update` and review what it changes in {StringsPage.File}.\n"
                + $"Only in src: {string.Join("\n  ", current.Except(listed, StringComparer.Ordinal).Take(5))}\n"
                + $"Only in the list: {string.Join("\n  ", listed.Except(current, StringComparer.Ordinal).Take(5))}"
        );
    }

    [Fact]
    public void Interpolated_added_and_raw_texts_are_listed_and_names_are_not()
    {
        const string source = """"
            var a = "one word" + $" and {name} more";
            var b = """
                two lines
                of text
                """;
            var c = "single" + "kebab-case";
            [SuppressMessage("Some rule", "Some id")] void D() => Write("last text"u8);
            """";

        Assert.Equal("one word and {name} more|two lines of text|last text", string.Join('|', UserStrings.Of(source)));
    }
}
