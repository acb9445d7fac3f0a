namespace ForkGuard.Api.Validation;

/// <summary>Knows the time zones of this machine by their IANA names.</summary>
internal static class TimeZoneNames
{
    private const int MaxName = 64;

    // Every copy of the IANA database has it; UTC would be known without any.
    private static readonly bool HasData = TimeZoneInfo.TryFindSystemTimeZoneById("Europe/London", out _);

    public static bool IsKnown(string name) => IsKnown(name, HasData);

    /// <summary>A machine without the database cannot detect a typo, and must not refuse a valid manifest for it.</summary>
    internal static bool IsKnown(string name, bool hasData) =>
        HasShape(name) && (!hasData || TimeZoneInfo.TryFindSystemTimeZoneById(name, out _));

    // The runtime opens the name as a file, so nothing but a relative path of plain words may reach it.
    private static bool HasShape(string name) =>
        name.Length is > 0 and <= MaxName
        && char.IsAsciiLetter(name[0])
        && name[^1] != '/'
        && !name.Contains("//", StringComparison.Ordinal)
        && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '/' or '_' or '-' or '+');
}
