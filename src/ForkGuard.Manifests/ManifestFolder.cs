using System.Runtime.InteropServices;
using ForkGuard.Api;

namespace ForkGuard.Manifests;

/// <summary>Loads watches from a file or a folder, the way <c>kubectl apply -f</c> finds them.</summary>
internal static class ManifestFolder
{
    private const int LargestFile = 4 << 20;

    private static readonly string[] Extensions = [".yaml", ".yml", ".json"];

    /// <summary>
    /// Reads one file, whatever its name, or the *.yaml, *.yml and *.json of a directory, flat and without hidden ones.
    /// Never throws for what it finds there.
    /// </summary>
    /// <param name="fileOrDirectory">A path; errors and watches name files as it does.</param>
    /// <returns>The good watches, and every error of the rest.</returns>
    public static ManifestSet Load(string fileOrDirectory)
    {
        var watches = new List<ManifestWatch>();
        var errors = new List<ManifestError>();
        if (TryList(fileOrDirectory, errors, out var files))
        {
            foreach (var file in files)
            {
                LoadFile(file, watches, errors);
            }
        }

        var unique = RefuseRepeated(watches, errors);
        if (watches.Count == 0 && errors.Count == 0)
        {
            errors.Add(AboutFile(fileOrDirectory, NoWatch(fileOrDirectory, files.Count)));
        }

        // Files are in order already; the sort is stable.
        var order = files.Select((file, index) => (file, index)).ToDictionary(StringComparer.Ordinal);
        var sorted = errors.OrderBy(e => order.GetValueOrDefault(e.File)).ThenBy(e => e.Document).ThenBy(e => e.Line);
        return new ManifestSet(unique, [.. sorted]);
    }

    private static bool TryList(string fileOrDirectory, List<ManifestError> errors, out IReadOnlyList<string> files)
    {
        files = [fileOrDirectory];
        try
        {
            if (!Directory.Exists(fileOrDirectory))
            {
                return true;
            }

            var names = Directory.EnumerateFiles(fileOrDirectory).Select(file => Path.GetFileName(file)!);
            var manifests = names.Where(name => name[0] != '.' && Extensions.Contains(Path.GetExtension(name)));
            files = [.. manifests.Order(StringComparer.Ordinal).Select(name => Path.Combine(fileOrDirectory, name))];
            return true;
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            files = [];
            errors.Add(AboutFile(fileOrDirectory, "is a directory that cannot be listed; check its permissions"));
            return false;
        }
    }

    private static void LoadFile(string file, List<ManifestWatch> watches, List<ManifestError> errors)
    {
        using var handle = RegularFile.TryOpen(file, out var error);
        if (handle is null)
        {
            errors.Add(AboutFile(file, Unopened(error)));
            return;
        }

        try
        {
            // The files of /proc have a length of 0.
            var length = RandomAccess.GetLength(handle) is > 0 and var known ? Math.Min(known, LargestFile) : LargestFile;
            var bytes = new byte[length + 1];
            using var stream = new FileStream(handle, FileAccess.Read, bufferSize: 0);
            var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (count > LargestFile)
            {
                errors.Add(AboutFile(file, "is larger than 4 MiB; give the watches a file of their own"));
                return;
            }

            new ManifestFile(file, watches, errors).Read(bytes.AsSpan(0, count));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            errors.Add(AboutFile(file, $"cannot be read; check its permissions ({unreadable.GetType().Name})"));
        }
    }

    private static string Unopened(int error) =>
        error switch
        {
            RegularFile.NoSuchFile or RegularFile.NotADirectory =>
                "does not exist; give a manifest or a directory of manifests",
            RegularFile.IsOfAnotherType =>
                "is not a regular file; give a manifest or a directory of manifests, not a pipe or a device",
            _ => $"cannot be read; check its permissions ({Marshal.GetPInvokeErrorMessage(error)})",
        };

    private static List<ManifestWatch> RefuseRepeated(List<ManifestWatch> watches, List<ManifestError> errors)
    {
        var first = new Dictionary<(string Kind, string Namespace, string Name), ManifestWatch>();
        var unique = new List<ManifestWatch>();
        foreach (var watch in watches)
        {
            if (first.TryAdd(watch.Identity, watch))
            {
                unique.Add(watch);
                continue;
            }

            var (kind, space, name) = watch.Identity;
            var owner = first[watch.Identity];
            var where = space.Length == 0 ? "" : $" in namespace {space}";
            var message =
                $"repeats {kind} {name}{where} of {PrintableText.Escape(owner.File)} (document {owner.Document}, line {owner.Line}); "
                + "give one of them another name";
            errors.Add(new ManifestError(watch.File, watch.Document, watch.Line, "metadata.name", message));
        }

        return unique;
    }

    private static string NoWatch(string path, int files) =>
        !Directory.Exists(path) ? "holds no watch; put a ForkWatch or ClusterForkWatch in it"
        : files == 0
            ? "is a directory without manifests (*.yaml, *.yml, *.json, flat); put a ForkWatch or ClusterForkWatch in it"
        : "is a directory whose manifests hold no watch; put a ForkWatch or ClusterForkWatch in it";

    private static ManifestError AboutFile(string file, string message) => new(file, null, null, "", message);
}
