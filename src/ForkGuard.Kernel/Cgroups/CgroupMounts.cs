using System.Text;
using ForkGuard.Kernel.Procfs;
using Ascii = ForkGuard.Kernel.Procfs.Ascii;

namespace ForkGuard.Kernel.Cgroups;

/// <summary>
/// Finds where hierarchies are mounted: by the usual folders, otherwise by mountinfo (proc_pid_mountinfo(5)).
/// </summary>
internal static class CgroupMounts
{
    private const int MaxMountinfoBytes = 1 << 20;

    /// <summary>Directory of the unified hierarchy; null if it is not mounted where it could be found.</summary>
    internal static byte[]? FindUnified(ProcRoot proc, string root)
    {
        var path = Encoding.UTF8.GetBytes(root);
        if (IsUnified(path))
        {
            return path;
        }

        byte[] hybrid = [.. path, .. "/unified"u8];
        return IsUnified(hybrid) ? hybrid : FindInMountinfo(proc, path, "cgroup2"u8, default);
    }

    /// <summary>
    /// Directory of the v1 hierarchy of a controller, alone or mounted with others; null if there is none.
    /// </summary>
    internal static byte[]? FindLegacy(ProcRoot proc, string root, string controller)
    {
        var path = Encoding.UTF8.GetBytes(root);
        var name = Encoding.ASCII.GetBytes(controller);
        byte[] alone = [.. path, (byte)'/', .. name];
        if (IsLegacy(alone))
        {
            return alone;
        }

        foreach (var folder in Folders(root))
        {
            if (folder.Split(',').Contains(controller, StringComparer.Ordinal))
            {
                byte[] shared = [.. path, (byte)'/', .. Encoding.UTF8.GetBytes(folder)];
                if (IsLegacy(shared))
                {
                    return shared;
                }
            }
        }

        return FindInMountinfo(proc, path, "cgroup"u8, name);
    }

    /// <summary>
    /// A unified hierarchy is mounted with pids_localevents; all its mounts have the same options, and the first 64 KiB of
    /// mountinfo have one.
    /// </summary>
    internal static bool HasLocalPidsEvents(ProcRoot proc)
    {
        var buffer = new byte[64 * 1024];
        if (proc.TryRead("self/mountinfo"u8, buffer, out var text) == ReadStatus.Ok)
        {
            while (TryTakeMount(ref text, "cgroup2"u8, out _, out var options))
            {
                if (HasOption(options, "pids_localevents"u8))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsUnified(byte[] path) => CgroupHierarchy.Exists(path, "/cgroup.controllers"u8);

    private static bool IsLegacy(byte[] path) => CgroupHierarchy.Exists(path, "/cgroup.procs"u8) && !IsUnified(path);

    private static IEnumerable<string> Folders(string root)
    {
        try
        {
            return
            [
                .. Directory.EnumerateDirectories(root).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static byte[]? FindInMountinfo(
        ProcRoot proc,
        ReadOnlySpan<byte> below,
        ReadOnlySpan<byte> type,
        ReadOnlySpan<byte> controller
    )
    {
        var buffer = new byte[MaxMountinfoBytes];
        return proc.TryRead("self/mountinfo"u8, buffer, out var text) == ReadStatus.Ok
            ? Find(text, below, type, controller)
            : null;
    }

    internal static byte[]? Find(
        ReadOnlySpan<byte> text,
        ReadOnlySpan<byte> below,
        ReadOnlySpan<byte> type,
        ReadOnlySpan<byte> controller
    )
    {
        while (TryTakeMount(ref text, type, out var mount, out var options))
        {
            if (!controller.IsEmpty && !HasOption(options, controller))
            {
                continue;
            }

            for (var field = 1; field < 5; field++)
            {
                _ = Ascii.TakeWord(ref mount);
            }

            var point = Unescape(Ascii.TakeWord(ref mount));
            if (point.AsSpan().StartsWith(below))
            {
                return point;
            }
        }

        return null;
    }

    // ID PARENT DEVICE ROOT MOUNTPOINT OPTIONS [TAGS...] - TYPE SOURCE SUPEROPTIONS
    private static bool TryTakeMount(
        ref ReadOnlySpan<byte> text,
        ReadOnlySpan<byte> type,
        out ReadOnlySpan<byte> mount,
        out ReadOnlySpan<byte> options
    )
    {
        while (Ascii.TryTakeLine(ref text, out var line))
        {
            var dash = line.IndexOf(" - "u8);
            if (dash < 0)
            {
                continue;
            }

            mount = line[..dash];
            options = line[(dash + 3)..];
            if (Ascii.TakeWord(ref options).SequenceEqual(type))
            {
                _ = Ascii.TakeWord(ref options);
                return true;
            }
        }

        mount = default;
        options = default;
        return false;
    }

    private static bool HasOption(ReadOnlySpan<byte> options, ReadOnlySpan<byte> wanted)
    {
        foreach (var range in options.Split((byte)','))
        {
            if (options[range].SequenceEqual(wanted))
            {
                return true;
            }
        }

        return false;
    }

    // Space, tab, newline and backslash stand there as a backslash and three octal digits.
    private static byte[] Unescape(ReadOnlySpan<byte> text)
    {
        var plain = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == (byte)'\\' && i + 3 < text.Length)
            {
                plain.Add((byte)(((text[i + 1] - '0') << 6) | ((text[i + 2] - '0') << 3) | (text[i + 3] - '0')));
                i += 3;
            }
            else
            {
                plain.Add(text[i]);
            }
        }

        return [.. plain];
    }
}
