using System.Diagnostics;
using System.Text.Json.Nodes;
using ForkGuard.Api;

namespace ForkGuard.Host.Tests;

/// <summary>A record that is damaged or forged neither ends the watch nor leads to a restart.</summary>
public sealed class DamagedRecordTests
{
    private static readonly string?[] Values =
    [
        "null",
        "true",
        "-1",
        "0",
        "101",
        "2147483647",
        "9223372036854775807",
        "99999999999999999999999",
        "1e300",
        "\"\"",
        "\"other.service\"",
        "\"\\u001b[2J\"",
        "\"0001-01-01T00:00:00Z\"",
        "\"1970-01-01T00:00:00Z\"",
        "\"2999-12-31T00:00:00Z\"",
        "\"9999-12-31T23:59:59Z\"",
        "[]",
        "{}",
        "[[[]]]",
        // Absent.
        null,
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The unit stays at its limit within the cooldown, which no damage ends.</summary>
    [Theory]
    [InlineData(RestartState.Replacing)]
    [InlineData(RestartState.Proving)]
    [InlineData(RestartState.Idle)]
    public async Task No_value_of_any_field_ends_the_watch_or_the_cooldown(RestartState state)
    {
        var whole = await RecordInAsync(state);
        foreach (var (field, text) in Damaged(whole.Text))
        {
            using var bench = await BenchAsync(whole, text);
            await ScanAsync(bench, $"{field}\n{text}", scans: 3);
            Assert.True(bench.Systemd.Restarts == 0, $"{field} led to a restart\n{text}");
        }
    }

    /// <summary>The call was about to be made, and the unit was not restarted.</summary>
    [Fact]
    public async Task No_value_of_any_field_leads_to_a_second_restart_after_a_kill()
    {
        var whole = await RecordInAsync(RestartState.Called);
        foreach (var (field, text) in Damaged(whole.Text))
        {
            using var bench = await BenchAsync(whole, text);
            await ScanAsync(bench, $"{field}\n{text}", scans: 4);
            Assert.True(bench.Systemd.Restarts <= 1, $"{field} led to {bench.Systemd.Restarts} restarts\n{text}");
        }
    }

    [Fact]
    public async Task A_record_that_is_cut_off_anywhere_leads_to_no_restart()
    {
        var whole = await RecordInAsync(RestartState.Idle);
        for (var length = 0; length < whole.Text.Length; length += 7)
        {
            using var bench = await BenchAsync(whole, whole.Text[..length]);
            await bench.ScanAsync();
            Assert.Equal(0, bench.Systemd.Restarts);
            Assert.Contains("move it away", Assert.Single(bench.Events), StringComparison.Ordinal);
        }
    }

    public static TheoryData<string> Obstacles => ["Link", "DanglingLink", "Directory", "Pipe", "Owner", "Large"];

    [Theory]
    [MemberData(nameof(Obstacles))]
    public async Task A_record_that_is_no_file_of_a_trusted_user_leads_to_no_restart(string obstacle)
    {
        using Bench bench = new();
        await PutAsync(obstacle, Path.Combine(bench.Folder!, $"{FakeSystemd.Unit}.json"), bench.Folder!);
        await bench.ScanAsync(isWanted: false).WaitAsync(TimeSpan.FromMinutes(1), Stop);
        await bench.ScanAsync();
        await bench.ScanAsync();
        Assert.Equal(0, bench.Systemd.Restarts);
        Assert.Contains("move it away", Assert.Single(bench.Events), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Link")]
    [InlineData("DanglingLink")]
    [InlineData("Pipe")]
    public async Task A_write_goes_neither_through_a_link_nor_waits_for_a_pipe(string obstacle)
    {
        using Bench bench = new();
        var target = Path.Combine(bench.Folder!, "target");
        await PutAsync(obstacle, Path.Combine(bench.Folder!, $"{FakeSystemd.Unit}.json.unfinished"), bench.Folder!);
        await bench.ScanAsync().WaitAsync(TimeSpan.FromMinutes(1), Stop);
        Assert.Equal(1, bench.Systemd.Restarts);
        Assert.Equal(RestartState.Replacing, bench.Record!.State);
        Assert.Equal(obstacle == "Link", File.Exists(target));
        Assert.True(obstacle != "Link" || new FileInfo(target).Length == 0);
    }

    private static async Task PutAsync(string obstacle, string path, string folder)
    {
        var target = Path.Combine(folder, "target");
        switch (obstacle)
        {
            case "Link":
                await File.WriteAllTextAsync(target, "", Stop);
                File.CreateSymbolicLink(path, target);
                break;
            case "DanglingLink":
                File.CreateSymbolicLink(path, target);
                break;
            case "Directory":
                Directory.CreateDirectory(path);
                break;
            case "Pipe":
                await RunAsync("mkfifo", path);
                break;
            case "Large":
                await File.WriteAllBytesAsync(path, new byte[(1 << 20) + 1], Stop);
                break;
            default:
                Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can give a file away");
                await File.WriteAllTextAsync(path, (await RecordInAsync(RestartState.Idle)).Text, Stop);
                await RunAsync("chown", "65534", path);
                break;
        }
    }

    private static async Task RunAsync(string program, params string[] words)
    {
        using var process = Process.Start(program, words);
        await process.WaitForExitAsync(Stop);
        Assert.Equal(0, process.ExitCode);
    }

    private static async Task ScanAsync(Bench bench, string description, int scans)
    {
        try
        {
            for (var scan = 0; scan < scans; scan++)
            {
                await bench.ScanAsync();
            }
        }
        catch (Exception ended)
        {
            throw new InvalidOperationException($"the watch ends: {description}", ended);
        }
    }

    /// <summary>The machine on which the record was made, with a damaged one.</summary>
    private static async Task<Bench> BenchAsync(Made whole, string text)
    {
        Bench bench = new();
        bench.Time.SetUtcNow(whole.Time);
        bench.Systemd.State = bench.Systemd.State with { InvocationId = whole.InvocationId };
        await File.WriteAllTextAsync(Path.Combine(bench.Folder!, $"{FakeSystemd.Unit}.json"), text, Stop);
        return bench;
    }

    /// <summary>Makes a record with one earlier restart, in a state of the next one.</summary>
    private static async Task<Made> RecordInAsync(RestartState state)
    {
        using Bench bench = new();
        await bench.ScanAsync();
        await bench.ScanAsync(isWanted: false);
        await bench.ScanAsync();
        if (state != RestartState.Idle)
        {
            bench.Systemd.Refusal = state == RestartState.Called ? new Systemd.SystemdException("no answer") : null;
            await bench.ScanAsync(after: TimeSpan.FromMinutes(61));
        }

        if (state == RestartState.Proving)
        {
            bench.Percent = 5;
            await bench.ScanAsync(isWanted: false);
        }

        Assert.Equal(state, bench.Record!.State);
        var file = Assert.Single(Directory.GetFiles(bench.Folder!, "*.json"));
        return new Made(
            await File.ReadAllTextAsync(file, Stop),
            bench.Time.GetUtcNow(),
            bench.Systemd.State.InvocationId
        );
    }

    /// <summary>The record with each of its fields set to each of the values.</summary>
    private static IEnumerable<(string Field, string Text)> Damaged(string whole) =>
        from field in FieldsOf(JsonNode.Parse(whole)!, [])
        from value in Values
        select ($"{string.Join('.', field)} = {value ?? "absent"}", With(whole, field, value));

    private static IEnumerable<IReadOnlyList<object>> FieldsOf(JsonNode? node, IReadOnlyList<object> path)
    {
        IEnumerable<(object Key, JsonNode? Value)> children = node switch
        {
            JsonObject members => members.Select(member => ((object)member.Key, member.Value)),
            JsonArray items => items.Select((item, index) => ((object)index, item)),
            _ => [],
        };
        return children.SelectMany(child =>
        {
            IReadOnlyList<object> own = [.. path, child.Key];
            return FieldsOf(child.Value, own).Prepend(own);
        });
    }

    private static string With(string whole, IReadOnlyList<object> field, string? value)
    {
        var root = JsonNode.Parse(whole)!;
        var parent = field
            .Take(field.Count - 1)
            .Aggregate(root, (node, key) => key is int index ? node[index]! : node[(string)key]!);
        // Such numbers and depths are no JsonNode's.
        const string Mark = "@damaged@";
        if (field[^1] is int last)
        {
            parent[last] = Mark;
        }
        else if (value is null)
        {
            parent.AsObject().Remove((string)field[^1]);
        }
        else
        {
            parent[(string)field[^1]] = Mark;
        }

        return root.ToJsonString().Replace($"\"{Mark}\"", value ?? "[]", StringComparison.Ordinal);
    }

    private sealed record Made(string Text, DateTimeOffset Time, string InvocationId);
}
