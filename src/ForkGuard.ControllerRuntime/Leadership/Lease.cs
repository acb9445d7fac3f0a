using System.Text.Json;
using System.Text.Json.Nodes;

namespace ForkGuard.ControllerRuntime;

/// <summary>A Lease of coordination.k8s.io/v1 as the server has it.</summary>
internal sealed class Lease
{
    private readonly JsonObject _body;

    private Lease(JsonObject answer) => _body = answer;

    public string Uid => _body["metadata"]?["uid"]?.GetValue<string>() ?? "";

    /// <summary>Empty if it was released, or never held.</summary>
    public string Holder => Text("holderIdentity");

    /// <summary>Changes whenever the holder shows that it is alive.</summary>
    public string RenewTime => Text("renewTime");

    /// <summary>Time that the holder asked others to wait; null if it asked for none.</summary>
    public TimeSpan? Duration => Number("leaseDurationSeconds") is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    public int Transitions => Number("leaseTransitions") ?? 0;

    /// <summary>Reads an answer of the server.</summary>
    /// <exception cref="JsonException">It is not a lease, as the answer of a proxy.</exception>
    public static Lease Of(JsonObject answer)
    {
        try
        {
            Lease lease = new(answer);
            _ = (lease.Holder, lease.RenewTime, lease.Duration, lease.Transitions);
            return lease.Uid.Length > 0 ? lease : throw new JsonException("The answer is not a lease.");
        }
        catch (Exception other) when (other is InvalidOperationException or FormatException)
        {
            throw new JsonException($"The answer is not a lease: {other.Message}", other);
        }
    }

    private JsonObject? Spec => _body["spec"] as JsonObject;

    public static JsonObject New(LeaderElectionOptions options, string now)
    {
        JsonObject spec = [];
        Hold(spec, options, now);
        spec["acquireTime"] = now;
        spec["leaseTransitions"] = 0;
        return new()
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = new JsonObject { ["name"] = options.Name, ["namespace"] = options.Namespace },
            ["spec"] = spec,
        };
    }

    /// <summary>Its resource version goes along, so that the server refuses it should anyone have been faster.</summary>
    public JsonObject Acquired(LeaderElectionOptions options, string now) =>
        With(spec =>
        {
            Hold(spec, options, now);
            spec["acquireTime"] = now;
            spec["leaseTransitions"] = Transitions + 1;
        });

    public JsonObject Renewed(LeaderElectionOptions options, string now) => With(spec => Hold(spec, options, now));

    /// <summary>Returns the lease with the count of a later term.</summary>
    public JsonObject Counted(int transitions) => With(spec => spec["leaseTransitions"] = transitions);

    /// <summary>Without a holder: any candidate may acquire it at once.</summary>
    public JsonObject Released(string now) =>
        With(spec =>
        {
            spec["holderIdentity"] = "";
            spec["leaseDurationSeconds"] = 1;
            spec["renewTime"] = now;
        });

    private static void Hold(JsonObject spec, LeaderElectionOptions options, string now)
    {
        spec["holderIdentity"] = options.Identity;
        spec["leaseDurationSeconds"] = (int)Math.Ceiling(options.LeaseDuration.TotalSeconds);
        spec["renewTime"] = now;
    }

    private JsonObject With(Action<JsonObject> change)
    {
        JsonObject changed = _body.DeepClone().AsObject();
        JsonObject spec = changed["spec"] as JsonObject ?? [];
        change(spec);
        changed["spec"] = spec.Parent is null ? spec : spec.DeepClone();
        return changed;
    }

    private string Text(string name) => Spec?[name]?.GetValue<string>() ?? "";

    private int? Number(string name) => Spec?[name]?.GetValue<int>();
}
