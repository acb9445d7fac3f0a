using System.Globalization;

namespace ForkGuard.Api.Validation;

/// <summary>The rules of <c>spec.restart</c>. They hold even while <c>action</c> is Event, so that changing it is safe.</summary>
internal static class RestartRules
{
    private const string Path = "spec.restart";
    private const int TenMinutes = 600;
    private const int Hour = 3600;

    public static void Check(RestartSpec restart, Findings findings)
    {
        LevelRules.Range(
            Path + ".cooldownSeconds",
            restart.CooldownSeconds,
            TenMinutes,
            RestartSpec.MaxCooldownSeconds,
            findings
        );
        LevelRules.Range(Path + ".maxConcurrent", restart.MaxConcurrent, 1, 100, findings);
        LevelRules.Range(Path + ".minReadyReplicas", restart.MinReadyReplicas, 0, 1000, findings);
        LevelRules.Range(Path + ".maxIneffectiveRestarts", restart.MaxIneffectiveRestarts, 1, 100, findings);
        LevelRules.Range(Path + ".gracePeriodSeconds", restart.GracePeriodSeconds, 1, Hour, findings);
        ListLengths.Check(Path + ".windows", restart.Windows?.Count, findings);
        for (var index = 0; index < restart.Windows?.Count; index++)
        {
            // Null stands for an element that could not be read.
            if (restart.Windows[index] is { } window)
            {
                CheckWindow(FieldPath.Item(Path + ".windows", index), window, findings);
            }
        }
    }

    private static void CheckWindow(string path, RestartWindow window, Findings findings)
    {
        var startFits = CheckTime(path + ".start", window.Start, findings);
        var endFits = CheckTime(path + ".end", window.End, findings);
        if (startFits && endFits && string.Equals(window.Start, window.End, StringComparison.Ordinal))
        {
            findings.Add(
                path + ".end",
                $"is {window.End}, the same as start; for the whole day use 00:00 to 23:59, and for always leave windows out"
            );
        }

        if (window.TimeZone is { } zone && !TimeZoneNames.IsKnown(zone))
        {
            findings.Add(
                path + ".timeZone",
                $"is {PrintableText.Quote(zone)}, no known IANA time zone; must be one such as Europe/Berlin or UTC"
            );
        }

        foreach (var repeated in (window.Days ?? []).GroupBy(day => day).Where(group => group.Count() > 1))
        {
            findings.Add(path + ".days", $"names {repeated.Key} {repeated.Count()} times; once is right");
        }
    }

    private static bool CheckTime(string path, string? time, Findings findings)
    {
        if (time is null)
        {
            findings.Add(path, "is missing and must be HH:MM, such as \"02:00\"");
            return false;
        }

        if (TimeOnly.TryParseExact(time, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        {
            return true;
        }

        findings.Add(path, $"is {PrintableText.Quote(time)} but must be HH:MM, from 00:00 to 23:59");
        return false;
    }
}
