namespace MlTr.Abstractions.Client;

/// <summary>What the platform takes of the disk, and what is left of it.</summary>
/// <param name="DatabaseBytes">Size of the database: sweeps, trials, curves, logs.</param>
/// <param name="CheckpointBytes">Size of all recorded checkpoints.</param>
/// <param name="FreeBytes">What is free where the data folder lies; null where that is not known.</param>
/// <param name="TotalBytes">How large that disk is; null where that is not known.</param>
[GenerateSerializer, Immutable, Alias("mltr.StorageSnapshot")]
public sealed record StorageSnapshot([property: Id(0)] long DatabaseBytes, [property: Id(1)] long CheckpointBytes, [property: Id(2)] long? FreeBytes, [property: Id(3)] long? TotalBytes);
