using Microsoft.Extensions.DependencyInjection;
using MlTr.Grains.Datasets.Decoded;
using Orleans.Placement;
using Orleans.Runtime.MembershipService.SiloMetadata;
using Orleans.Runtime.Placement;

namespace MlTr.Grains.Placement;

/// <summary>The silo metadata that says what a silo is for.</summary>
public static class SiloRoles
{
    /// <summary>Metadata key of the role.</summary>
    public const string RoleKey = "role";

    /// <summary>Metadata key of the worker that a silo hosts.</summary>
    public const string WorkerKey = "worker";

    /// <summary>Metadata key of where a worker silo keeps decoded pictures: its machine and folder, equal for those that share them.</summary>
    public const string PlaceKey = "place";

    /// <summary>Hosts everything but workers.</summary>
    public const string Control = "control";

    /// <summary>Hosts one worker grain and nothing else.</summary>
    public const string Worker = "worker";

    /// <summary>How names of a cluster's control silos begin: of a dead silo, its name is all that is left to ask.</summary>
    public const string ControlNamePrefix = "control-";

    internal static IServiceCollection AddSiloRolePlacement(this IServiceCollection services)
    {
        services.AddPlacementFilter<ControlSiloFilter, ControlSiloDirector>(ServiceLifetime.Singleton);
        services.AddPlacementFilter<OwnWorkerFilter, OwnWorkerDirector>(ServiceLifetime.Singleton);
        services.AddPlacementFilter<SamePlaceFilter, SamePlaceDirector>(ServiceLifetime.Singleton);
        return services;
    }
}

/// <summary>Keeps a grain off the worker silos, whose processes may die at any time.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ControlSiloAttribute() : PlacementFilterAttribute(new ControlSiloFilter());

public sealed class ControlSiloFilter() : PlacementFilterStrategy(0);

public sealed class ControlSiloDirector(ISiloMetadataCache metadata) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos) =>
        silos.Where(silo => metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(SiloRoles.RoleKey) == SiloRoles.Control);
}

/// <summary>Places a worker grain on the silo of the worker that its key names.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OwnWorkerAttribute() : PlacementFilterAttribute(new OwnWorkerFilter());

public sealed class OwnWorkerFilter() : PlacementFilterStrategy(0);

public sealed class OwnWorkerDirector(ISiloMetadataCache metadata) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos) =>
        silos.Where(silo => metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(SiloRoles.WorkerKey) == target.GrainIdentity.Key.ToString());
}

/// <summary>Places a grain on a worker silo of the place that its key begins with.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class SamePlaceAttribute() : PlacementFilterAttribute(new SamePlaceFilter());

public sealed class SamePlaceFilter() : PlacementFilterStrategy(0);

public sealed class SamePlaceDirector(ISiloMetadataCache metadata) : IPlacementFilterDirector
{
    public IEnumerable<SiloAddress> Filter(PlacementFilterStrategy filterStrategy, PlacementTarget target, IEnumerable<SiloAddress> silos)
    {
        var place = DecodedShardId.Parse(target.GrainIdentity.Key.ToString()!).Place;
        return silos.Where(silo => metadata.GetSiloMetadata(silo).Metadata.GetValueOrDefault(SiloRoles.PlaceKey) == place);
    }
}
