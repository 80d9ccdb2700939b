using System.Runtime.InteropServices;
using MlTr.Abstractions.Trials;
using MlTr.Model.Data;
using MlTr.Model.Training;
using MlTr.Silo.Trials;

namespace MlTr.Silo.Tests.Trials;

public sealed class TrialFailuresTests
{
#pragma warning disable CA2201 // what TorchSharp throws
    public static TheoryData<Exception, FailureKind?> Failures => new()
    {
        { new TrainingFailedException(3, "the loss is NaN."), FailureKind.NotFinite },
        { new TrainingFailedException(3, "the checkpoint cannot be written", new IOException("No space left on device")), FailureKind.Disk },
        { new DatasetFormatException("/pictures", "has no split"), FailureKind.Data },
        { new FileNotFoundException("gone"), FailureKind.Data },
        { new IOException("Input/output error"), FailureKind.Disk },
        { new ArgumentException("no such class"), FailureKind.Configuration },
        { new ExternalException("[enforce fail at alloc_cpu.cpp:124] . DefaultCPUAllocator: can't allocate memory: you tried to allocate 99 bytes."), FailureKind.OutOfMemory },
        { new ExternalException("CUDA out of memory. Tried to allocate 2.00 GiB"), FailureKind.OutOfMemory },
        { new ExternalException("The size of tensor a (3) must match the size of tensor b (4)"), FailureKind.Configuration },
        { new NotSupportedException("nobody foresaw this"), null },
    };
#pragma warning restore CA2201

    [Theory]
    [MemberData(nameof(Failures))]
    public void KindOf_WhatTheModelThrows_TellsWhetherToTryAgainCanHelp(Exception error, FailureKind? kind) => Assert.Equal(kind, TrialFailures.KindOf(error));
}
