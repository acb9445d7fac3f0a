using System.Net;
using ForkGuard.Api;
using ForkGuard.Controller.Tests.Scenes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace ForkGuard.Faults.Tests.Scenes;

/// <summary>What a user changes during a story.</summary>
internal static class StoryChanges
{
    internal static Task PauseAsync(this Story story) => story.PatchWatchAsync("""{"spec":{"paused":true}}""");

    internal static Task GoOnAsync(this Story story) => story.PatchWatchAsync("""{"spec":{"paused":false}}""");

    internal static Task PatchWatchAsync(this Story story, string patch) =>
        story.Admin.CustomObjects.PatchNamespacedCustomObjectAsync(
            new V1Patch(patch, V1Patch.PatchType.MergePatch),
            ForkGuardApi.Group,
            ForkGuardApi.Version,
            story.Namespace,
            "forkwatches",
            Story.Watch
        );

    internal static async Task DeleteWatchAsync(this Story story)
    {
        try
        {
            await Resources.DeleteWatchAsync(story.Plane, story.Namespace, Story.Watch);
        }
        catch (HttpOperationException missing) when (missing.Response.StatusCode == HttpStatusCode.NotFound)
        {
            // The test deleted it before.
        }
    }

    /// <summary>Another pod template.</summary>
    internal static Task RollOutAsync(this Story story) =>
        PatchDeploymentAsync(
            story,
            """{"spec":{"template":{"metadata":{"annotations":{"forkguard.io/rollout":"again"}}}}}"""
        );

    internal static Task ScaleAsync(this Story story, int replicas)
    {
        story.Replicas = replicas;
        return PatchDeploymentAsync(story, $$$"""{"spec":{"replicas":{{{replicas}}}}}""");
    }

    internal static Task OptOutAsync(this Story story, bool isOut) =>
        PatchDeploymentAsync(
            story,
            isOut
                ? """{"metadata":{"annotations":{"forkguard.io/restart":"false"}}}"""
                : """{"metadata":{"annotations":{"forkguard.io/restart":null}}}"""
        );

    internal static Task DeleteNodeAsync(this Story story) => story.Admin.CoreV1.DeleteNodeAsync(story.NodeName);

    internal static Task CreateNodeAsync(this Story story) =>
        Nodes.CreateAsync(story.Admin, Nodes.New(story.NodeName), CancellationToken.None);

    private static Task<V1Deployment> PatchDeploymentAsync(Story story, string patch) =>
        story.Admin.AppsV1.PatchNamespacedDeploymentAsync(
            new V1Patch(patch, V1Patch.PatchType.MergePatch),
            Stage.App,
            story.Namespace
        );
}
