using MlTr.Silo.Workers;

namespace MlTr.Silo.Tests.Workers;

public sealed class DeviceTests
{
    [Fact]
    public void Find_OneCpuWorker_HasAllCores() => Assert.Equal([new Device("cpu-0", "cpu", 8)], Device.Find(cpuWorkers: 1, threads: 0, cores: 8, cudaDevices: 0));

    [Fact]
    public void Find_MoreWorkersThanCores_StillHaveAThreadEach() =>
        Assert.All(Device.Find(cpuWorkers: 4, threads: 0, cores: 2, cudaDevices: 0), device => Assert.Equal(1, device.Threads));

    [Fact]
    public void Find_CudaDevices_EachHaveAWorkerAndTheCpuHasNone() =>
        Assert.Equal(["cuda:0", "cuda:1"], Device.Find(cpuWorkers: 1, threads: 3, cores: 8, cudaDevices: 2).Select(device => device.Name));
}
