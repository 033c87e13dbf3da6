@echo off
rem Runs the build with the Maven that is on the PATH. It downloads nothing, so there is nothing to check.
where mvn >nul 2>nul
if errorlevel 1 (
  echo Maven 3.8 or newer was not found. Install it, put it on the PATH, and run this again. 1>&2
  exit /b 1
)
where javac >nul 2>nul
if errorlevel 1 if not defined JAVA_HOME (
  echo No JDK was found. Install JDK 21 or newer, for example Temurin 25, set JAVA_HOME to it, and run this again. 1>&2
  exit /b 1
)
call mvn %*
