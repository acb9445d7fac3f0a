using System.Text;
using System.Text.Json;
using ForkGuard.Api;
using ForkGuard.Policy.Restarts;

namespace ForkGuard.Host.Records;

/// <summary>
/// The records of a state directory, one file a unit. A write is on the disk when it returns, whole or not at all. One process
/// uses a directory at a time.
/// </summary>
internal sealed class RecordStore : IDisposable
{
    private const string Extension = ".json";
    private const string Clock = "clock";

    private readonly string _directory;

    // Written again into a directory that takes the place of this one.
    private Dictionary<string, ForkRestart> _known = new(StringComparer.Ordinal);
    private string? _clock;

    private FileStream _lock;
    private FileStatus _place;

    /// <param name="directory">Is created if it does not exist.</param>
    /// <exception cref="IOException">The directory cannot be used, or another process uses it.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written.</exception>
    internal RecordStore(string directory)
    {
        _directory = Path.GetFullPath(directory);
        Directory.CreateDirectory(directory);
        _lock = OpenLock();
        _place = FileStatus.Of(_lock);
    }

    /// <summary>The directory is the one that was opened: it was neither removed nor replaced.</summary>
    internal bool IsInPlace => FileStatus.Of(LockPath) is { } now && now.IsSame(_place);

    private string LockPath => Path.Combine(_directory, "lock");

    /// <summary>
    /// Goes on in the directory that took the place of the one that was opened: its own records stay, and the others are written
    /// into it.
    /// </summary>
    /// <exception cref="IOException">There is no such directory, or it cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written.</exception>
    internal void Follow()
    {
        if (IsInPlace)
        {
            return;
        }

        if (!Directory.Exists(_directory))
        {
            throw new IOException($"{_directory} was removed; create it again, or restart forkguard");
        }

        var opened = OpenLock();
        try
        {
            foreach (var record in _known.Values.Where(record => FileStatus.Of(PathOf(record.Spec.Owner)) is null))
            {
                WriteFile(record);
            }

            if (_clock is { } clock)
            {
                WriteClockFile(clock);
            }
        }
        catch
        {
            opened.Dispose();
            throw;
        }

        _lock.Dispose();
        _lock = opened;
        _place = FileStatus.Of(opened);
    }

    /// <summary>Reads the record of a unit; null if there is none.</summary>
    /// <exception cref="IOException">The record cannot be read, or is not one of this unit.</exception>
    internal ForkRestart? Read(RestartOwner owner)
    {
        var path = PathOf(owner);
        return ReadFile(path) is not { } record ? null
            : RestartNames.IsOf(record, owner) ? record
            : throw new IOException($"{path} is the record of another unit; move it away");
    }

    /// <summary>Reads all records, without copies of other names. One that cannot be read is an error of its unit alone.</summary>
    internal IReadOnlyList<ForkRestart> List()
    {
        var records = new List<ForkRestart>();
        foreach (var path in Directory.EnumerateFiles(_directory, "*" + Extension).Order(StringComparer.Ordinal))
        {
            try
            {
                if (ReadFile(path) is { } record && FileOf(record.Spec.Owner) == Path.GetFileName(path))
                {
                    records.Add(record);
                }
            }
            catch (IOException)
            {
                // Read gives the cause.
            }
        }

        if (IsInPlace)
        {
            _known = records.ToDictionary(record => record.Spec.Owner.Name, StringComparer.Ordinal);
        }

        return records;
    }

    /// <summary>Writes a record in place of the last one.</summary>
    /// <exception cref="IOException">The record was not written.</exception>
    /// <exception cref="UnauthorizedAccessException">The record may not be written.</exception>
    internal void Write(ForkRestart record)
    {
        // The last one may be in the directory that was opened.
        if (!IsInPlace)
        {
            throw new IOException($"{_directory} was removed or replaced");
        }

        WriteFile(record);
        _known[record.Spec.Owner.Name] = record;
    }

    internal void Remove(RestartOwner owner)
    {
        File.Delete(PathOf(owner));
        DirectorySync.Flush(_directory);
        _known.Remove(owner.Name);
    }

    /// <summary>Reads the text about the clock that the times of the records are of; null if there is none that can be read.</summary>
    internal string? ReadClock()
    {
        try
        {
            return StateFile.Read(Path.Combine(_directory, Clock)) is { } text
                ? _clock = Encoding.UTF8.GetString(text)
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <exception cref="IOException">It was not written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    internal void WriteClock(string text)
    {
        WriteClockFile(text);
        _clock = text;
    }

    public void Dispose() => _lock.Dispose();

    private FileStream OpenLock() => new(LockPath, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);

    private void WriteFile(ForkRestart record) =>
        StateFile.Replace(
            PathOf(record.Spec.Owner),
            JsonSerializer.SerializeToUtf8Bytes(record, ApiJson.Default.ForkRestart)
        );

    private void WriteClockFile(string text) =>
        StateFile.Replace(Path.Combine(_directory, Clock), Encoding.UTF8.GetBytes(text));

    // The characters of a unit's name are those of a file's; a longer name than a file can have is an error of the write.
    private string PathOf(RestartOwner owner) => Path.Combine(_directory, FileOf(owner));

    private static string FileOf(RestartOwner owner) => owner.Name + Extension;

    private static ForkRestart? ReadFile(string path)
    {
        if (StateFile.Read(path) is not { } text)
        {
            return null;
        }

        try
        {
            var record = HasNull(text)
                ? throw new IOException($"{path} has null for a value, which no record has; move it away")
                : JsonSerializer.Deserialize(text, ApiJson.Default.ForkRestart)!;
            return RecordCheck.ProblemOf(record) is { } problem
                ? throw new IOException($"{path} {problem}; repair it or move it away")
                : record;
        }
        catch (JsonException invalid)
        {
            throw new IOException($"{path} cannot be read ({invalid.Message}); repair it or move it away", invalid);
        }
    }

    // A record is written without what is absent, and nothing else expects a null.
    private static bool HasNull(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Null)
            {
                return true;
            }
        }

        return false;
    }
}
