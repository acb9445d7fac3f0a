using System.Buffers;
using System.Text.Unicode;

namespace ForkGuard.Manifests;

/// <summary>The text of a file, cut into documents before any of it is parsed, so that a broken one costs no other.</summary>
internal static class YamlText
{
    // YAML 1.2, 5.1: of the C0 control characters only tab and the line breaks may stand in a stream. The parser would
    // take a NUL for the end of the file and lose what follows.
    private static readonly SearchValues<char> Forbidden = SearchValues.Create([
        .. Enumerable.Range(0, ' ').Select(code => (char)code).Except("\t\r\n"),
    ]);

    /// <summary>Decodes UTF-8, with or without a byte order mark.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="text">The text; empty if there is a problem.</param>
    /// <returns>The error and its line; null without one.</returns>
    public static YamlProblem? Decode(ReadOnlySpan<byte> bytes, out string text)
    {
        text = "";
        var mark = "\uFEFF"u8;
        if (bytes.StartsWith(mark))
        {
            bytes = bytes[mark.Length..];
        }

        var decoded = new char[bytes.Length];
        var status = Utf8.ToUtf16(bytes, decoded, out var read, out var written, replaceInvalidSequences: false);
        var span = decoded.AsSpan(0, written);
        if (status != OperationStatus.Done)
        {
            return new YamlProblem(1 + span.Count('\n'), "", "is not UTF-8 text; save the file as UTF-8");
        }

        var forbidden = span.IndexOfAny(Forbidden);
        if (forbidden >= 0)
        {
            var line = 1 + span[..forbidden].Count('\n');
            return new YamlProblem(line, "", $"holds the control character \\u{(int)span[forbidden]:x4}; leave it out");
        }

        text = new string(span);
        return null;
    }

    /// <summary>
    /// Cuts at the markers <c>---</c> and <c>...</c>, which YAML lets stand at the beginning of a line nowhere else
    /// (YAML 1.2, 9.1.2). Comments and directives before a marker belong to the document that follows.
    /// </summary>
    public static IEnumerable<YamlDocumentText> Documents(string text)
    {
        var start = 0;
        var startLine = 1;
        var line = 1;
        var begun = false;
        for (var at = 0; at < text.Length; line++)
        {
            var next = text.IndexOf('\n', at) is var end and >= 0 ? end + 1 : text.Length;
            var (opens, closes, content) = Classify(text.AsSpan(at, next - at).TrimEnd());
            if (opens && begun)
            {
                yield return new YamlDocumentText(text[start..at], startLine);
                (start, startLine) = (at, line);
            }

            begun |= opens || content;
            at = next;
            if (closes && begun)
            {
                yield return new YamlDocumentText(text[start..next], startLine);
                (start, startLine, begun) = (next, line + 1, false);
            }
        }

        if (begun)
        {
            yield return new YamlDocumentText(text[start..], startLine);
        }
    }

    private static bool IsMarker(ReadOnlySpan<char> line, string marker) =>
        line.StartsWith(marker, StringComparison.Ordinal)
        && (line.Length == marker.Length || line[marker.Length] is ' ' or '\t');

    private static (bool Opens, bool Closes, bool Content) Classify(ReadOnlySpan<char> line)
    {
        var closes = IsMarker(line, "...");
        var text = line.TrimStart();
        return (IsMarker(line, "---"), closes, !closes && !text.IsEmpty && text[0] != '#' && line[0] != '%');
    }
}

/// <summary>The text of one document.</summary>
/// <param name="Text">From its marker on, if it has one.</param>
/// <param name="Line">The line of the file on which it begins, from 1.</param>
internal readonly record struct YamlDocumentText(string Text, int Line);

/// <summary>An error of the YAML itself.</summary>
/// <param name="Line">The line of the file, from 1.</param>
/// <param name="Path">The field; empty if there is none.</param>
/// <param name="Message">The error and its cure, printable.</param>
internal sealed record YamlProblem(int Line, string Path, string Message);
