namespace ForkGuard.Api.Validation;

/// <summary>
/// The errors of a document. A field that could not be read is one error; rules that would evaluate what is left
/// without it stay silent, so that one mistake is reported once.
/// </summary>
internal sealed class Findings
{
    private readonly List<ValidationError> errors = [];
    private readonly HashSet<string> unread = new(StringComparer.Ordinal);
    private readonly HashSet<string> holdersOfUnread = new(StringComparer.Ordinal);

    public IReadOnlyList<ValidationError> Errors => errors;

    /// <summary>Adds an error of structure: what is at this path does not count any more.</summary>
    public void AddUnread(string path, string message)
    {
        errors.Add(new ValidationError(path, message));
        MarkUnread(path);
    }

    /// <summary>Records that the field is missing only because it is misspelt or could not be read.</summary>
    public void MarkUnread(string path)
    {
        unread.Add(path);
        holdersOfUnread.UnionWith(FieldPath.SelfAndParents(path));
    }

    /// <summary>Adds an error of meaning, unless one of the fields it was validated by could not be read.</summary>
    public void Add(string path, string message, params ReadOnlySpan<string> validatedBy)
    {
        if (IsUnknown(path))
        {
            return;
        }

        foreach (var other in validatedBy)
        {
            if (IsUnknown(other))
            {
                return;
            }
        }

        errors.Add(new ValidationError(path, message));
    }

    private bool IsUnknown(string path) =>
        holdersOfUnread.Contains(path) || FieldPath.SelfAndParents(path).Any(unread.Contains);
}
