using System.Text.Json;
using System.Text.Json.Nodes;
using ForkGuard.Api;
using ForkGuard.Cli.Output;
using ForkGuard.Node.Readings;

namespace ForkGuard.Cli.Watching;

/// <summary>One object per line; <c>type</c> is Header, Scan (the first one), Event, Problem, ProblemEnded, Reload or End.</summary>
internal sealed class JsonWatchOutput(TextWriter to) : IWatchOutput
{
    private bool _isFirst = true;
    private string? _lastProblem;

    public void Begin(in WatchHeader header, WatchPlan plan)
    {
        var json = new JsonObject
        {
            ["type"] = "Header",
            ["kernel"] = JsonSerializer.SerializeToNode(
                header.State.ToReport(header.Release),
                ApiJson.Default.KernelReport
            ),
            ["watches"] = Strings(plan.Watches.Select(w => w.Name)),
            ["needCluster"] = Strings(plan.NeedCluster),
        };
        if (header.State.Distrust is { } distrust)
        {
            json["problem"] = distrust;
        }

        if (header.State.HidesProcesses)
        {
            json["hidesProcesses"] = true;
        }

        if (header.Listening is { } address)
        {
            json["listening"] = address.ToString();
        }

        Write(json);
    }

    public void Show(ScanOutcome outcome, WatchSession session)
    {
        if (outcome.Problem is not null && outcome.Problem != _lastProblem)
        {
            Write(new JsonObject { ["type"] = "Problem", ["message"] = outcome.Problem });
        }
        else if (outcome.Problem is null && _lastProblem is not null)
        {
            Write(new JsonObject { ["type"] = "ProblemEnded", ["message"] = _lastProblem });
        }

        _lastProblem = outcome.Problem;
        if (_isFirst && outcome.Problem is null)
        {
            Write(
                new JsonObject
                {
                    ["type"] = "Scan",
                    ["scan"] = JsonSerializer.SerializeToNode(outcome.Scan, ApiJson.Default.ScanReport),
                    ["atRisk"] = outcome.AtRisk,
                }
            );
            _isFirst = false;
        }

        foreach (var e in outcome.Events)
        {
            Write(ToJson(e));
        }
    }

    public void Reloaded(ReloadOutcome reload, DateTimeOffset time) =>
        Write(
            new JsonObject
            {
                ["type"] = "Reload",
                ["time"] = time,
                ["errors"] = Strings(reload.Errors),
                ["watches"] = Strings(reload.Plan.Watches.Select(w => w.Name)),
                ["needCluster"] = Strings(reload.Plan.NeedCluster),
            }
        );

    public void End(int scans, int events) =>
        Write(
            new JsonObject
            {
                ["type"] = "End",
                ["scans"] = scans,
                ["events"] = events,
            }
        );

    private static JsonObject ToJson(WatchEvent e)
    {
        var json = new JsonObject
        {
            ["type"] = "Event",
            ["time"] = e.Time,
            ["event"] = e.Type,
            ["reason"] = e.Reason,
            ["count"] = e.Count,
        };
        if (e.Note.Length > 0)
        {
            json["note"] = e.Note;
        }

        if (e.Watch is not null)
        {
            json["watch"] = e.Watch;
        }

        if (e.Unit is not null)
        {
            json["unit"] = e.Unit;
        }

        if (e.Refusal is not null)
        {
            json["refusal"] = JsonSerializer.SerializeToNode(e.Refusal, ApiJson.Default.RefusalReport);
        }
        else if (e.Process is not null)
        {
            json["process"] = JsonSerializer.SerializeToNode(e.Process, ApiJson.Default.ProcessReport);
        }

        if (e.Constraint is not null)
        {
            json["constraint"] = JsonSerializer.SerializeToNode(e.Constraint, ApiJson.Default.ConstraintReport);
        }

        return json;
    }

    private static JsonArray Strings(IEnumerable<string> strings) => new([.. strings.Select(s => JsonValue.Create(s))]);

    private void Write(JsonObject line)
    {
        JsonLines.Write(to, line);
        to.Flush();
    }
}
