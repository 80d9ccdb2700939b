# syntax=docker/dockerfile:1
# The one program for every role; docker-compose.yml gives each container its own. TORCH_BACKEND=cuda builds with the CUDA packages.
ARG DOTNET=10.0

FROM mcr.microsoft.com/dotnet/sdk:${DOTNET} AS build
ARG TORCH_BACKEND=cpu
WORKDIR /source

# What the packages depend on comes first: a change of code restores nothing again.
COPY global.json Directory.Build.props Directory.Build.targets Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY build build
COPY src/Abstractions/MlTr.Abstractions.csproj src/Abstractions/
COPY src/Grains/MlTr.Grains.csproj src/Grains/
COPY src/Model/MlTr.Model.csproj src/Model/
COPY src/Dashboard/MlTr.Dashboard.csproj src/Dashboard/
COPY src/Silo/MlTr.Silo.csproj src/Silo/
RUN --mount=type=cache,target=/root/.nuget/packages dotnet restore src/Silo/MlTr.Silo.csproj -p:TorchBackend=${TORCH_BACKEND}

COPY src src
RUN --mount=type=cache,target=/root/.nuget/packages \
    dotnet publish src/Silo/MlTr.Silo.csproj --no-restore -c Release -p:TorchBackend=${TORCH_BACKEND} -o /app

FROM mcr.microsoft.com/dotnet/aspnet:${DOTNET}
# curl asks the health checks.
RUN apt-get update && apt-get install -y --no-install-recommends curl libgomp1 && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=build /app .
# The shared folder belongs to the user that the program runs as, and so does a new volume that is mounted there.
RUN mkdir /data && chown ${APP_UID}:${APP_UID} /data
USER ${APP_UID}
ENV MLTR__Platform__Data=/data \
    MLTR__Platform__Address=auto
VOLUME /data
EXPOSE 5080
ENTRYPOINT ["dotnet", "MlTr.Silo.dll"]
