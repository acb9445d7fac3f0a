using ForkGuard.Testing;

namespace ForkGuard.Faults.Tests.Checking;

/// <summary>Keeps a row for each fault, and writes artifacts/faults/report.md of all that are kept.</summary>
internal static class FaultReport
{
    private const string Head = """
        | fault | tries | restarts | false | double | lost | time to recover | results |
        |---|---|---|---|---|---|---|---|
        """;

    private static readonly string Folder = Path.Combine(RepositoryPaths.Root, "artifacts", "faults");

    internal static void Keep(FaultRow row, string text)
    {
        Directory.CreateDirectory(Path.Combine(Folder, "rows"));
        var file = string.Concat(row.Name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-'));
        File.WriteAllText(Path.Combine(Folder, "rows", file), text + "\n");
    }

    internal static void Write()
    {
        if (Directory.Exists(Path.Combine(Folder, "rows")))
        {
            var rows = Directory.EnumerateFiles(Path.Combine(Folder, "rows")).Order(StringComparer.Ordinal);
            File.WriteAllText(Path.Combine(Folder, "report.md"), Head + "\n" + string.Concat(rows.Select(File.ReadAllText)));
        }
    }
}
