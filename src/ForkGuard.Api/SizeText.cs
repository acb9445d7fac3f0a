using System.Globalization;

namespace ForkGuard.Api;

/// <summary>Sizes and times as people read them.</summary>
public static class SizeText
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

    /// <summary>Such as <c>23.5 GiB</c>: one decimal, rounded down, so that no size is shown above a limit it is below.</summary>
    public static string Bytes(long bytes)
    {
        if (bytes < 0)
        {
            return "-" + Bytes(bytes == long.MinValue ? long.MaxValue : -bytes);
        }

        var unit = 0;
        var size = (decimal)bytes;
        while (size >= 1024 && unit < Units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        var text =
            unit == 0 ? $"{bytes}" : (decimal.Floor(size * 10) / 10).ToString("0.0", CultureInfo.InvariantCulture);
        return $"{text} {Units[unit]}";
    }

    public static string Bytes(ulong bytes) => Bytes((long)Math.Min(bytes, long.MaxValue));

    /// <summary>Such as <c>45 s</c>, <c>11 min</c>, <c>3 h</c>, <c>2 d</c>, rounded down.</summary>
    public static string Duration(long seconds) =>
        seconds switch
        {
            < 120 => $"{seconds} s",
            < 7200 => $"{seconds / 60} min",
            < 172_800 => $"{seconds / 3600} h",
            _ => $"{seconds / 86_400} d",
        };
}
