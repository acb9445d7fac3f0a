using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using ForkGuard.Api;
using ForkGuard.Kernel.Procfs;
using ForkGuard.Manifests;

namespace ForkGuard.Cli.Recording;

/// <summary>A record in a file. A file from elsewhere is hostile input until it was read here.</summary>
internal static partial class RecordFile
{
    internal const int MaxBytes = 256 << 20;

    /// <summary>Writes the record, readable by its owner alone.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    internal static void Write(string path, CheckRecord record)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (OperatingSystem.IsLinux())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = new FileStream(path, options);
        // The mode above is that of a new file; devices keep theirs.
        using var regular = RegularFile.TryOpen(path, out _);
        if (OperatingSystem.IsLinux() && regular is not null)
        {
            File.SetUnixFileMode(file.SafeFileHandle, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        Write(file, record);
    }

    internal static void Write(Stream to, CheckRecord record)
    {
        JsonSerializer.Serialize(to, record, RecordJson.Default.CheckRecord);
        to.WriteByte((byte)'\n');
    }

    /// <summary>Reads a record. Returns null and the reason for any other file.</summary>
    internal static CheckRecord? TryRead(string path, out string problem)
    {
        problem = "";
        try
        {
            using var handle = RegularFile.TryOpen(path, out var error);
            if (handle is null)
            {
                problem =
                    error == RegularFile.IsOfAnotherType
                        ? "it is not a regular file"
                        : Marshal.GetPInvokeErrorMessage(error);
                return null;
            }

            using var file = new FileStream(handle, FileAccess.Read);
            if (file.Length > MaxBytes)
            {
                problem = $"it is larger than {SizeText.Bytes(MaxBytes)}, which no record is";
                return null;
            }

            var record = JsonSerializer.Deserialize(file, RecordJson.Default.CheckRecord);
            problem = record is null ? "it does not hold a record" : ProblemOf(record) ?? "";
            return problem.Length == 0 ? record : null;
        }
        catch (JsonException e)
        {
            var where = e.LineNumber is { } line ? $"line {line + 1}" : "the beginning";
            problem = $"it is not a complete record of `forkguard check --record`: invalid JSON at {where}";
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = PrintableText.Escape(e.Message);
            return null;
        }
    }

    private static string? ProblemOf(CheckRecord record)
    {
        if (record.Format != CheckRecord.CurrentFormat)
        {
            return $"its format is {PrintableText.Quote(record.Format)}, and this version reads {CheckRecord.CurrentFormat}";
        }

        if (record.Pid <= 0)
        {
            return "its pid is not a whole number above 0";
        }

        if (record.PageSize != ProcRoot.PageSize)
        {
            return $"it was recorded on a machine with pages of {SizeText.Bytes(record.PageSize)}, and this one has pages of {SizeText.Bytes(ProcRoot.PageSize)}";
        }

        // The annotations of nullable types do not reach the values of a dictionary.
        var empty = record.Files.Concat(record.Links).FirstOrDefault(file => file.Value is null).Key;
        if (empty is not null)
        {
            return $"it has no text for {PrintableText.Quote(empty)}";
        }

        var bad =
            record.Files.Keys.FirstOrDefault(name => !FileName().IsMatch(name) || name.Split('/').Contains(".."))
            ?? record
                .Links.FirstOrDefault(link => !LinkName().IsMatch(link.Key) || !LinkTarget().IsMatch(link.Value))
                .Key;
        if (bad is not null)
        {
            return $"it names a file that no record has: {PrintableText.Quote(bad)}";
        }

        if (record.Files.Values.Any(text => text.Any(c => c > '\u00ff')))
        {
            return "a file in it holds a character that is not a byte";
        }

        var missing = ProcessRecorder.RequiredOf(record.Pid).FirstOrDefault(name => !record.Files.ContainsKey(name));
        return missing is null ? null : $"{missing} is missing in it";
    }

    // Escaped names of cgroups may hold anything but a slash.
    [GeneratedRegex(
        @"\A(proc|cgroup)(/[^/\0]{1,255}){1,64}\z",
        RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex FileName();

    [GeneratedRegex(@"\Aproc/(self|[0-9]+)/ns/[a-z_]+\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LinkName();

    [GeneratedRegex(@"\A[a-z_]+:\[[0-9]+\]\z", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LinkTarget();
}
