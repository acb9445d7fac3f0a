using System.Globalization;
using ForkGuard.Api;

namespace ForkGuard.Policy.Restarts;

/// <summary>Evaluates restart windows.</summary>
public static class RestartWindows
{
    /// <summary>
    /// True without any window, or while one of them is open. The start belongs to a window and the end does not; an end
    /// before the start is on the next day. A time zone that this machine does not know keeps its window closed.
    /// </summary>
    public static bool IsOpen(IReadOnlyList<RestartWindow> windows, DateTimeOffset now) =>
        windows.Count == 0 || windows.Any(window => IsOpen(window, now));

    private static bool IsOpen(RestartWindow window, DateTimeOffset now)
    {
        if (
            !TimeZoneInfo.TryFindSystemTimeZoneById(window.TimeZone ?? "UTC", out var zone)
            || !TryTime(window.Start, out var start)
            || !TryTime(window.End, out var end)
        )
        {
            return false;
        }

        var local = TimeZoneInfo.ConvertTime(now, zone);
        var time = TimeOnly.FromTimeSpan(local.TimeOfDay);
        if (start < end)
        {
            return StartsOn(window, local.DayOfWeek) && time >= start && time < end;
        }

        return (StartsOn(window, local.DayOfWeek) && time >= start)
            || (StartsOn(window, local.AddDays(-1).DayOfWeek) && time < end);
    }

    private static bool TryTime(string? text, out TimeOnly time) =>
        TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out time);

    private static bool StartsOn(RestartWindow window, DayOfWeek day) =>
        window.Days is not { Count: > 0 } days || days.Contains(WeekDayOf(day));

    private static WeekDay WeekDayOf(DayOfWeek day) => day == DayOfWeek.Sunday ? WeekDay.Sun : (WeekDay)(day - 1);
}
