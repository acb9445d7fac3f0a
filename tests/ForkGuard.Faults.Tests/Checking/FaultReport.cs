using ForkGuard.Faults.Tests.Faults;
using ForkGuard.Testing;

namespace ForkGuard.Faults.Tests.Checking;

/// <summary>Keeps a row for each fault, and writes artifacts/faults/report.md of all that are kept.</summary>
internal static class FaultReport
{
    private const string Head = """
        | fault | tries | restarts | false | double | lost | time to recover | results |
        |---|---|---|---|---|---|---|---|
        """;

    private static readonly string Folder = Path.Combine(
        RepositoryPaths.Root,
        "artifacts",
        Extent.IsWhole ? "faults" : "faults-sample"
    );

    private static readonly Lock Guard = new();

    internal static void Keep(FaultRow row, string text)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "rows"));
        var file = string.Concat(row.Name.Select(c => char.IsAsciiLetterOrDigit(c) || c == '+' ? c : '-'));
        File.WriteAllText(Path.Combine(Folder, "rows", file), text + "\n");
    }

    /// <summary>Adds a line to artifacts/faults/tries.log, and to the test's own output.</summary>
    internal static void Log(string text)
    {
        TestContext.Current.TestOutputHelper?.WriteLine("==> " + text);
        Directory.CreateDirectory(Folder);
        lock (Guard)
        {
            File.AppendAllText(
                Path.Combine(Folder, "tries.log"),
                $"{TimeProvider.System.GetUtcNow():HH:mm:ss} {text}\n"
            );
        }
    }

    internal static void Write()
    {
        if (Directory.Exists(Path.Combine(Folder, "rows")))
        {
            var rows = Directory.EnumerateFiles(Path.Combine(Folder, "rows")).Order(StringComparer.Ordinal);
            File.WriteAllText(
                Path.Combine(Folder, "report.md"),
                Head + "\n" + string.Concat(rows.Select(File.ReadAllText))
            );
        }
    }
}
