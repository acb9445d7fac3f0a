using System.Text.RegularExpressions;

namespace ForkGuard.Testing.Documentation;

/// <summary>By which test a command of the pages is run.</summary>
public enum CommandPlace
{
    /// <summary>By none.</summary>
    Nowhere,

    /// <summary>A target of the Makefile: that it is there is tested, and running it is what a whole test run does.</summary>
    Makefile,

    /// <summary>By the published binary on this machine.</summary>
    Host,

    /// <summary>On a real node, with ForkGuard installed.</summary>
    Cluster,

    /// <summary>By the published binary as a plugin of kubectl, against an API server with fixed objects.</summary>
    Plugin,
}

/// <summary>A command that a page tells its reader to run; with the lines that belong to it.</summary>
public sealed partial record DocumentedCommand(string Text)
{
    public CommandPlace Place =>
        Text.Split(' ')[0] switch
        {
            "make" => CommandPlace.Makefile,
            "forkguard" => CommandPlace.Host,
            "kubectl" when Text.StartsWith("kubectl forkguard ", StringComparison.Ordinal) => CommandPlace.Plugin,
            "kubectl" or "helm" => CommandPlace.Cluster,
            _ => CommandPlace.Nowhere,
        };

    /// <summary>Those in a script: comments left out, continued lines and here-documents kept together.</summary>
    public static IEnumerable<DocumentedCommand> In(IEnumerable<string> script)
    {
        using IEnumerator<string> lines = script.GetEnumerator();
        while (lines.MoveNext())
        {
            string text = lines.Current;
            if (string.IsNullOrWhiteSpace(text) || text.TrimStart().StartsWith('#'))
            {
                continue;
            }

            while (text.EndsWith('\\') && lines.MoveNext())
            {
                text += "\n" + lines.Current;
            }

            if (HereDocument().Match(text) is { Success: true } here)
            {
                do
                {
                    text += lines.MoveNext()
                        ? "\n" + lines.Current
                        : throw new FormatException($"The here-document has no end:\n{text}");
                } while (!string.Equals(lines.Current, here.Groups["end"].Value, StringComparison.Ordinal));
            }

            yield return new(text);
        }
    }

    public override string ToString() => Text;

    [GeneratedRegex("<<(?<end>[A-Z]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex HereDocument();
}
