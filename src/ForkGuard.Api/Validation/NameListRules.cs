namespace ForkGuard.Api.Validation;

/// <summary>The rules of lists of names. An empty list means the same as none.</summary>
internal static class NameListRules
{
    private const int MaxName = 255;

    // The unit types of systemd that have processes (systemd.unit(5)).
    private static readonly string[] UnitTypes = [".service", ".scope", ".slice", ".socket", ".mount", ".swap"];

    public static void CheckContainers(string path, IReadOnlyList<string>? names, Findings findings) =>
        Check(path, names, findings, name => ObjectNames.IsLabel(name) ? null : ObjectNames.MustBeLabel(name));

    public static void CheckCommands(string path, IReadOnlyList<string>? names, Findings findings) =>
        Check(path, names, findings, ValidateCommand);

    public static void CheckUnits(string path, IReadOnlyList<string>? names, Findings findings) =>
        Check(path, names, findings, ValidateUnit);

    private static void Check(
        string path,
        IReadOnlyList<string>? names,
        Findings findings,
        Func<string, string?> problemOf
    )
    {
        ListLengths.Check(path, names?.Count, findings);
        var first = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < names?.Count; index++)
        {
            // Null stands for an element that could not be read.
            if (names[index] is not { } name)
            {
                continue;
            }

            var element = FieldPath.Item(path, index);
            if (problemOf(name) is { } message)
            {
                findings.Add(element, message);
            }

            if (!first.TryAdd(name, index))
            {
                findings.Add(element, $"repeats {PrintableText.Quote(name)} of [{first[name]}]; leave one out");
            }
        }
    }

    private static string? ValidateCommand(string name)
    {
        // As the API server counts: an emoji is one.
        var length = name.EnumerateRunes().Count();
        if (length is 0 or > MaxName)
        {
            return $"is {length} characters long but must be 1 to {MaxName}";
        }

        var slash = name.LastIndexOf('/');
        return slash < 0
            ? null
            : $"is {PrintableText.Quote(name)} but must be the process name, not the path"
                + (slash == name.Length - 1 ? "" : $": {PrintableText.Quote(name[(slash + 1)..])}")
                + "; the kernel's name is compared, which is the first 15 bytes";
    }

    private static string? ValidateUnit(string name)
    {
        var type = UnitTypes.FirstOrDefault(type => name.EndsWith(type, StringComparison.Ordinal));
        return type is not null && name.Length > type.Length && name.Length <= MaxName && name.All(IsOfUnit)
            ? null
            : $"is {PrintableText.Quote(name)} but must be a systemd unit with its type, such as docker.service "
                + $"({string.Join(", ", UnitTypes)})";
    }

    private static bool IsOfUnit(char character) =>
        char.IsAsciiLetterOrDigit(character) || character is ':' or '-' or '_' or '.' or '\\' or '@';
}
