using ForkGuard.Api;

namespace ForkGuard.Manifests;

/// <summary>One thing that is wrong with a file of manifests.</summary>
/// <param name="File">The file or directory as it was given.</param>
/// <param name="Document">Which document of the file, from 1; null if it is the file as a whole.</param>
/// <param name="Line">The line of the field, or of what holds it if it is missing, from 1; null if unknown.</param>
/// <param name="Path">The field; empty if it is the document as a whole.</param>
/// <param name="Message">The error and its cure, printable.</param>
internal sealed record ManifestError(string File, int? Document, int? Line, string Path, string Message)
{
    /// <summary>Gives <c>config/bad.yaml: document 2, line 14: spec.actAtPercent: is 60 but ...</c>, safe to print.</summary>
    public override string ToString()
    {
        var place = (Document, Line) switch
        {
            ({ } document, { } line) => $"document {document}, line {line}: ",
            ({ } document, null) => $"document {document}: ",
            (null, { } line) => $"line {line}: ",
            _ => "",
        };
        return $"{PrintableText.Escape(File)}: {place}{new ValidationError(Path, Message)}";
    }
}
