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
    private const int MaxBytes = 1 << 20;

    private readonly string _directory;
    private readonly FileStream _lock;

    /// <param name="directory">Is created if it does not exist.</param>
    /// <exception cref="IOException">The directory cannot be used, or another process uses it.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory may not be written.</exception>
    internal RecordStore(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory);
        _lock = new FileStream(
            Path.Combine(directory, "lock"),
            FileMode.OpenOrCreate,
            FileAccess.ReadWrite,
            FileShare.None
        );
    }

    /// <summary>Reads the record of a unit; null if there is none.</summary>
    /// <exception cref="IOException">The record cannot be read, or is not one of this unit.</exception>
    internal ForkRestart? Read(RestartOwner owner)
    {
        var path = PathOf(owner);
        if (!File.Exists(path))
        {
            return null;
        }

        var record = ReadFile(path);
        return RestartNames.IsOf(record, owner)
            ? record
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
                var record = ReadFile(path);
                if (string.Equals(Path.GetFileName(path), FileOf(record.Spec.Owner), StringComparison.Ordinal))
                {
                    records.Add(record);
                }
            }
            catch (IOException)
            {
                // Read gives the cause once the unit is to be restarted.
            }
        }

        return records;
    }

    /// <summary>Writes a record in place of the last one.</summary>
    /// <exception cref="IOException">The record was not written.</exception>
    /// <exception cref="UnauthorizedAccessException">The record may not be written.</exception>
    internal void Write(ForkRestart record)
    {
        var path = PathOf(record.Spec.Owner);
        var unfinished = path + ".unfinished";
        using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            JsonSerializer.Serialize(file, record, ApiJson.Default.ForkRestart);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
        DirectorySync.Flush(_directory);
    }

    internal void Remove(RestartOwner owner)
    {
        File.Delete(PathOf(owner));
        DirectorySync.Flush(_directory);
    }

    public void Dispose() => _lock.Dispose();

    // The characters of a unit's name are those of a file's; a longer name than a file can have is an error of the write.
    private string PathOf(RestartOwner owner) => Path.Combine(_directory, FileOf(owner));

    private static string FileOf(RestartOwner owner) => owner.Name + Extension;

    private static ForkRestart ReadFile(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (file.Length > MaxBytes)
            {
                throw new IOException($"{path} is larger than 1 MiB and no record; move it away");
            }

            var text = new byte[file.Length];
            file.ReadExactly(text);
            return HasNull(text)
                ? throw new IOException($"{path} has null for a value, which no record has; move it away")
                : JsonSerializer.Deserialize(text, ApiJson.Default.ForkRestart)!;
        }
        catch (Exception invalid) when (invalid is JsonException or UnauthorizedAccessException)
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
