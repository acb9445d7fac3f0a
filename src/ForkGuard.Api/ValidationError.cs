namespace ForkGuard.Api;

/// <summary>One thing that is wrong with a manifest.</summary>
/// <param name="Path">
/// The field, as in <c>spec.restart.windows[0].start</c> or <c>metadata.labels[example.com/tier]</c>;
/// empty for the document as a whole.
/// </param>
/// <param name="Message">The error and its cure. Printable: control characters of the manifest are escaped.</param>
public sealed record ValidationError(string Path, string Message)
{
    /// <summary><c>path: message</c>, or the message alone where the path is empty.</summary>
    public override string ToString() => Path.Length == 0 ? Message : $"{Path}: {Message}";
}
