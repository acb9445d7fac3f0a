using System.Globalization;
using System.Text.Json.Nodes;
using Xunit;

namespace ForkGuard.Testing;

/// <summary>How the tests ask <c>forkguard check</c>.</summary>
public static class Check
{
    public static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static string Text(int pid) => pid.ToString(CultureInfo.InvariantCulture);

    public static Task<ProgramResult> InWordsAsync(params int[] pids) =>
        ForkGuardBinary.RunAsync([.. pids.Select(Text).Prepend("check")], cancellationToken: Stop);

    public static async Task<CheckAnswer> InJsonAsync(int pid, bool asNobody = false, params string[] more)
    {
        var result = await ForkGuardBinary.RunAsync(
            ["check", Text(pid), "-o", "json", .. more],
            asNobody,
            cancellationToken: Stop
        );
        Assert.Equal("", result.StandardError);
        return new CheckAnswer(Assert.Single(Objects(result)), result.ExitCode);
    }

    /// <summary>The objects of an output of one JSON object a line.</summary>
    public static IReadOnlyList<JsonObject> Objects(ProgramResult result) =>
        [
            .. result
                .StandardOutput.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonNode.Parse(line)!.AsObject()),
        ];
}

/// <summary>What check said of one process.</summary>
public sealed record CheckAnswer(JsonObject Json, int ExitCode)
{
    public string Verdict => (string)Json["verdict"]!;
    public string Confidence => (string)Json["confidence"]!;
    public bool IsBound => (bool)Json["isBound"]!;
    public int Percent => (int)Json["percent"]!;
    public long UsedBytes => (long)Json["usedBytes"]!;
    public long HeadroomBytes => (long)Json["headroomBytes"]!;
    public string? Problem => (string?)Json["problem"];

    /// <summary>Null where no mapping is charged.</summary>
    public MappedRange? Mapping =>
        Json["mapping"] is { } mapping ? new MappedRange(Address(mapping["start"]!), Address(mapping["end"]!)) : null;

    private static ulong Address(JsonNode hexadecimal) =>
        ulong.Parse((string)hexadecimal!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
