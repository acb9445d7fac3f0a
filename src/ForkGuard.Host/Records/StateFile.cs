namespace ForkGuard.Host.Records;

/// <summary>Files of a state directory.</summary>
internal static class StateFile
{
    private const int MaxBytes = 1 << 20;

    /// <summary>Reads a file; null if there is none.</summary>
    /// <exception cref="IOException">It cannot be read, or is not a regular file of a trusted user.</exception>
    internal static byte[]? Read(string path)
    {
        // Opening a pipe would wait for its writer.
        if (FileStatus.Of(path) is not { } status)
        {
            return null;
        }

        if (!status.IsRegular)
        {
            throw new IOException($"{path} is not a regular file; move it away");
        }

        if (!status.IsTrusted)
        {
            throw new IOException(
                $"{path} belongs to user {status.Owner}, who is neither root nor the user of forkguard; check it and run chown, or move it away"
            );
        }

        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (file.Length > MaxBytes)
            {
                throw new IOException($"{path} is larger than 1 MiB and no record; move it away");
            }

            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new IOException($"{path} cannot be read ({denied.Message}); repair it or move it away", denied);
        }
    }

    /// <summary>Replaces a file. The new one is on the disk when this returns, whole or not at all.</summary>
    /// <exception cref="IOException">It was not written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    internal static void Replace(string path, ReadOnlySpan<byte> bytes)
    {
        var unfinished = path + ".unfinished";
        File.Delete(unfinished);
        using (var file = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write, FileShare.None))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
        DirectorySync.Flush(Path.GetDirectoryName(path)!);
    }
}
